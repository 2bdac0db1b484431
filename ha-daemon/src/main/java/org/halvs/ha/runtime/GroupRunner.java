package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupHealth;
import org.halvs.resource.GroupHealth.Verdict;
import org.halvs.resource.GroupSequence;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.GroupSequence.Step;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.jspecify.annotations.Nullable;

/**
 * Starts, stops and checks groups, as {@link GroupSequence} and {@link GroupHealth} say. Each call works on a thread of its own, named
 * {@code action-GROUP}; on one group one works after the other. Thread-safe.
 */
final class GroupRunner {
    private static final Logger LOG = System.getLogger("halvs");

    /** What came of it. */
    sealed interface Outcome {
        record Done(long tookMillis) implements Outcome {}

        /**
         * @param text one line: what went wrong, with the last lines the script said
         * @param clean whether nothing of the group runs here any more
         */
        record Failed(ResourceSpec resource, String action, String text, boolean clean) implements Outcome {}
    }

    /** Resources that are started, stopped and asked many at a time: the addresses. */
    interface Together {
        /** Whether this is one of them. */
        boolean takes(ResourceSpec resource);

        /** One result for each resource, in their order. */
        List<ActionResult> run(Action action, List<ResourceSpec> resources);

        /** Stops them for everybody but those who still send here; {@link Action#STOP} ends that. One result for each. */
        List<ActionResult> fade(List<ResourceSpec> resources);

        /** Tells the network again where all of them are that run. */
        void announce();

        /** There are none. */
        Together NONE = new Together() {
            @Override
            public boolean takes(ResourceSpec resource) {
                return false;
            }

            @Override
            public List<ActionResult> run(Action action, List<ResourceSpec> resources) {
                throw new IllegalStateException("none of " + resources + " is taken together");
            }

            @Override
            public List<ActionResult> fade(List<ResourceSpec> resources) {
                throw new IllegalStateException("none of " + resources + " is taken together");
            }

            @Override
            public void announce() {}
        };
    }

    /**
     * An agent whose resource has to be there before the first of its group starts and until the last has stopped, wherever in the line it
     * stands: forwarding begins before the address is announced, so that no client meets a director that does not know its services.
     */
    interface Enclosing {
        void begin();

        /** The group is about to be stopped in order; nothing of it has been stopped yet. */
        default void leaving() {}

        void end();
    }

    /** Gets to know of everything that is done, while it is done; called on the thread that does it. */
    interface Progress {
        /**
         * Agents have answered.
         *
         * @param results one for each resource
         */
        void acted(
                ResourceGroup group,
                List<ResourceSpec> resources,
                Action action,
                List<ActionResult> results,
                long tookMillis);
    }

    /** Gets to know what the regular check of a held group found; called on the thread that checks. */
    interface Findings {
        /** A resource behaves in a way somebody should know of; nothing was done. */
        void odd(ResourceGroup group, ResourceSpec resource, String text);

        /** A resource did not run and was started again. */
        void restarted(ResourceGroup group, ResourceSpec resource, String why);

        /** The group does not hold here; it was stopped, with this outcome. */
        void lost(ResourceGroup group, ResourceSpec resource, String why, Outcome stopped);
    }

    private final Map<ResourceSpec, ResourceAgent> agents = new ConcurrentHashMap<>();
    private final Map<ResourceGroup, Lane> lanes = new ConcurrentHashMap<>();
    private final Function<ResourceSpec, ResourceAgent> factory;
    private volatile List<ResourceGroup> groups = List.of();
    private volatile int stopRetries = GroupSequence.STOP_RETRIES;
    private volatile Runnable urgency = () -> {};
    private final Together together;
    private final Progress progress;

    /** Where what is done with one group goes one after the other. */
    private static final class Lane {
        final ReentrantLock lock = new ReentrantLock();
        /** Of a held group; changed under the lock. */
        volatile @Nullable GroupHealth health;

        /** Whether the group is given to another node and lingers here for what is on its way; changed under the lock. */
        volatile boolean handingOver;

        private @Nullable Thread asking;
        private boolean urgent;

        /** Somebody has to do something with the group: a question to a resource is not worth waiting for. */
        synchronized void interruptQuestions() {
            urgent = true;
            if (asking != null) {
                asking.interrupt();
            }
        }

        synchronized void nothingUrgent() {
            urgent = false;
        }

        /** Whether the calling thread may ask; it may be interrupted until {@link #asked}. */
        synchronized boolean ask() {
            asking = urgent ? null : Thread.currentThread();
            return !urgent;
        }

        /** Whether the answer counts. */
        synchronized boolean asked() {
            asking = null;
            boolean _ = Thread.interrupted();
            return !urgent;
        }
    }

    /**
     * @param factory makes the agent of a resource; called once for each distinct resource, when its group is first known
     */
    GroupRunner(
            List<ResourceGroup> groups,
            Function<ResourceSpec, ResourceAgent> factory,
            Together together,
            Progress progress) {
        this.together = together;
        this.progress = progress;
        this.factory = factory;
        configure(groups);
    }

    /** These are the groups from now on; those that are not among them any more can still be released. */
    void configure(List<ResourceGroup> wanted) {
        for (ResourceGroup group : wanted) {
            lanes.computeIfAbsent(group, _ -> new Lane());
            group.resources().forEach(spec -> agents.computeIfAbsent(spec, factory));
        }
        groups = List.copyOf(wanted);
    }

    /** How often a stop that fails is tried again from now on, 0 for not at all. */
    void stopRetries(int most) {
        stopRetries = most;
    }

    /** {@code raise} makes the thread it is called by run when it has to: what takes and gives up groups calls it from now on. */
    void urgency(Runnable raise) {
        urgency = raise;
    }

    /** The groups of the configuration. */
    List<ResourceGroup> groups() {
        return groups;
    }

    /**
     * Makes a held group another one of the same key: stops what it has no more, starts what is new, and leaves alone what is in both. When
     * something new does not start, the whole group is stopped.
     */
    void amend(ResourceGroup before, ResourceGroup after, Consumer<Outcome> done) {
        lane(before).interruptQuestions();
        start(before, done, lane -> {
            lane.nothingUrgent();
            lane.health = null;
            List<ResourceSpec> dropped = without(before.resources(), after.resources());
            List<ResourceSpec> added = without(after.resources(), before.resources());
            Outcome outcome = new Outcome.Done(0);
            if (!dropped.isEmpty()) {
                outcome = stop(new ResourceGroup(before.preferredNode(), dropped, before.line()));
            }
            if (outcome instanceof Outcome.Done && !added.isEmpty()) {
                ResourceGroup part = new ResourceGroup(after.preferredNode(), added, after.line());
                enclosing(part).forEach(Enclosing::begin);
                outcome = run(part, GroupSequence.start(part, joined(part)::contains, stopRetries));
            }
            if (outcome instanceof Outcome.Failed) {
                if (stop(after) instanceof Outcome.Failed stuck && !stuck.clean()) {
                    outcome = stuck; // whoever takes the group has to know this above all
                }
            } else {
                lane(after).health = new GroupHealth();
            }
            return outcome;
        });
    }

    private static List<ResourceSpec> without(List<ResourceSpec> all, List<ResourceSpec> those) {
        return all.stream().filter(resource -> !those.contains(resource)).toList();
    }

    /** Starts a group; when a resource does not start, what had started is stopped again. */
    void acquire(ResourceGroup group, Consumer<Outcome> done) {
        start(group, done, lane -> {
            lane.handingOver = false;
            enclosing(group).forEach(Enclosing::begin);
            Outcome outcome = run(group, GroupSequence.start(group, joined(group)::contains, stopRetries));
            if (outcome instanceof Outcome.Failed) {
                enclosing(group).forEach(Enclosing::end);
            } else {
                lane.health = new GroupHealth();
            }
            return outcome;
        });
    }

    /** Stops a group, every resource of it, also those that do not run. */
    void release(ResourceGroup group, Consumer<Outcome> done) {
        lane(group).interruptQuestions();
        start(group, done, lane -> {
            lane.nothingUrgent();
            lane.health = null;
            enclosing(group).forEach(Enclosing::leaving);
            return stop(group);
        });
    }

    /**
     * As {@link #release}, for a node that waits for the group: its addresses are not told of here any more, so that the other node can have them, but
     * what is still sent here is taken until {@link #letGo}.
     */
    void handOver(ResourceGroup group, Consumer<Outcome> done) {
        lane(group).interruptQuestions();
        start(group, done, lane -> {
            lane.nothingUrgent();
            lane.health = null;
            enclosing(group).forEach(Enclosing::leaving);
            lane.handingOver = true;
            Outcome outcome =
                    run(group, GroupSequence.stop(group, joined(group)::contains, GroupSequence.STOP_RETRIES));
            if (outcome instanceof Outcome.Failed) {
                Outcome _ = stopFaded(group, lane); // nobody takes it, so there is nothing to linger for
            }
            return outcome;
        });
    }

    /** Ends what {@link #handOver} began. Does nothing when the group came back meanwhile. */
    void letGo(ResourceGroup group, Consumer<Outcome> done) {
        start(group, done, lane -> stopFaded(group, lane));
    }

    private Outcome stopFaded(ResourceGroup group, Lane lane) {
        if (!lane.handingOver) {
            return new Outcome.Done(0);
        }
        long started = System.nanoTime();
        List<ResourceSpec> addresses = List.copyOf(joined(group)).reversed();
        List<ActionResult> results = addresses.isEmpty() ? List.of() : perform(Action.STOP, addresses);
        for (int i = 0; i < results.size(); i++) {
            if (!(results.get(i) instanceof ActionResult.Done)) {
                return new Outcome.Failed(
                        addresses.get(i), Action.STOP.word(), results.get(i).text(), false);
            }
        }
        lane.handingOver = false;
        enclosing(group).forEach(Enclosing::end);
        return new Outcome.Done(millisSince(started));
    }

    private Outcome stop(ResourceGroup group) {
        Outcome outcome = run(group, GroupSequence.stop(group, joined(group)::contains, stopRetries));
        enclosing(group).forEach(Enclosing::end);
        return outcome;
    }

    /** Tells the network again where the group's addresses are. */
    void announce(ResourceGroup group) {
        Thread.ofPlatform().name("action-" + group.key()).start(together::announce);
    }

    /**
     * Asks the resources of a group how they are, and mends what does not run. Does nothing when the group is not held, or is being worked
     * on.
     */
    void check(ResourceGroup group, Findings findings) {
        if (lane(group).health == null) {
            return;
        }
        Thread.ofPlatform().name("check-" + group.key()).start(() -> {
            Lane lane = lane(group);
            if (lane.lock.tryLock()) {
                try {
                    check(group, lane, findings);
                } finally {
                    lane.lock.unlock();
                }
            }
        });
    }

    private void check(ResourceGroup group, Lane lane, Findings findings) {
        Set<ResourceSpec> joined = joined(group);
        List<List<ResourceSpec>> questions = new ArrayList<>();
        if (!joined.isEmpty()) {
            questions.add(List.copyOf(joined));
        }
        group.resources().stream()
                .filter(resource -> !joined.contains(resource))
                .forEach(resource -> questions.add(List.of(resource)));
        for (List<ResourceSpec> resources : questions) {
            GroupHealth health = lane.health;
            if (health == null || !lane.ask()) {
                return;
            }
            List<ActionResult> answers;
            boolean counts;
            try {
                answers = perform(Action.STATUS, resources);
            } finally {
                counts = lane.asked();
            }
            for (int i = 0; counts && lane.health != null && i < resources.size(); i++) {
                ResourceSpec resource = resources.get(i);
                judged(group, lane, resource, health.answered(resource, answers.get(i), System.nanoTime()), findings);
            }
        }
    }

    private void judged(ResourceGroup group, Lane lane, ResourceSpec resource, Verdict verdict, Findings findings) {
        switch (verdict) {
            case Verdict.Well _ -> {}
            case Verdict.Odd(String text) -> findings.odd(group, resource, text);
            case Verdict.Restart(String why, boolean stopFirst) -> {
                if (stopFirst) {
                    perform(group, Action.STOP, List.of(resource));
                }
                ActionResult result =
                        perform(group, Action.START, List.of(resource)).getFirst();
                if (GroupHealth.restarted(result) instanceof Verdict.Lost(String failure)) {
                    lose(group, lane, resource, why + " and " + failure, findings);
                } else {
                    findings.restarted(group, resource, why);
                }
            }
            case Verdict.Lost(String why) -> lose(group, lane, resource, why, findings);
        }
    }

    private void lose(ResourceGroup group, Lane lane, ResourceSpec resource, String why, Findings findings) {
        lane.health = null;
        findings.lost(group, resource, why, stop(group));
    }

    private Outcome run(ResourceGroup group, GroupSequence sequence) {
        long started = System.nanoTime();
        Step step = sequence.next();
        while (true) {
            switch (step) {
                case Step.Run(Action action, List<ResourceSpec> resources) ->
                    step = sequence.answered(perform(group, action, resources));
                case Step.Pause(Duration time) -> {
                    pause(time.toMillis());
                    step = sequence.next();
                }
                case Step.Ended(GroupSequence.Outcome outcome) -> {
                    return outcome(outcome, started);
                }
            }
        }
    }

    private static Outcome outcome(GroupSequence.Outcome outcome, long startedNanos) {
        return switch (outcome) {
            case GroupSequence.Outcome.Done() -> new Outcome.Done(millisSince(startedNanos));
            case GroupSequence.Outcome.Failed failed ->
                new Outcome.Failed(
                        failed.resource(),
                        failed.action().word(),
                        failed.result().text(),
                        failed.clean());
        };
    }

    private List<ActionResult> perform(ResourceGroup group, Action action, List<ResourceSpec> resources) {
        long started = System.nanoTime();
        Lane lane = lanes.get(group);
        boolean fades =
                action == Action.STOP && lane != null && lane.handingOver && together.takes(resources.getFirst());
        List<ActionResult> results = fades ? together.fade(resources) : perform(action, resources);
        progress.acted(group, resources, action, results, millisSince(started));
        return results;
    }

    /** An agent that breaks has failed; its group must not stay where it is for ever. */
    private List<ActionResult> perform(Action action, List<ResourceSpec> resources) {
        try {
            return ask(action, resources);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, action.word() + " of " + resources.getFirst() + " broke", e);
            return Collections.nCopies(resources.size(), new ActionResult.Failed(1, String.valueOf(e)));
        }
    }

    private List<ActionResult> ask(Action action, List<ResourceSpec> resources) {
        if (resources.size() > 1 || together.takes(resources.getFirst())) {
            return together.run(action, resources);
        }
        ResourceAgent agent = agent(resources.getFirst());
        return List.of(
                switch (action) {
                    case STATUS -> agent.status();
                    case START -> agent.start();
                    case STOP -> agent.stop();
                });
    }

    /** Looked up once for a whole sequence: whether a script of the site goes before our agent is a question to the disk. */
    private Set<ResourceSpec> joined(ResourceGroup group) {
        Set<ResourceSpec> joined = new LinkedHashSet<>(group.resources());
        joined.removeIf(resource -> !together.takes(resource));
        return joined;
    }

    private List<Enclosing> enclosing(ResourceGroup group) {
        return group.resources().stream()
                .map(this::agent)
                .filter(Enclosing.class::isInstance)
                .map(Enclosing.class::cast)
                .toList();
    }

    private void start(ResourceGroup group, Consumer<Outcome> done, Function<Lane, Outcome> work) {
        Lane lane = lane(group);
        Thread.ofPlatform().name("action-" + group.key()).start(() -> {
            urgency.run();
            Outcome outcome;
            lane.lock.lock();
            try {
                outcome = work.apply(lane);
            } finally {
                lane.lock.unlock();
            }
            done.accept(outcome);
        });
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Lane lane(ResourceGroup group) {
        Lane lane = lanes.get(group);
        if (lane == null) {
            throw new IllegalStateException("unknown group " + group.key());
        }
        return lane;
    }

    private ResourceAgent agent(ResourceSpec resource) {
        ResourceAgent agent = agents.get(resource);
        if (agent == null) {
            throw new IllegalStateException("no agent for " + resource);
        }
        return agent;
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
