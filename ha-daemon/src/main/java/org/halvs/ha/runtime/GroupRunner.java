package org.halvs.ha.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.halvs.ha.cluster.GroupActions;
import org.halvs.ha.cluster.GroupOutcome;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupHealth;
import org.halvs.resource.GroupSequence;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.GroupSequence.Step;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * Starts, stops and checks groups, as {@link GroupSequence} and {@link GroupHealth} say. Each call works on a thread of its own, named
 * {@code action-GROUP}; on one group one works after the other. Thread-safe.
 */
final class GroupRunner implements GroupActions {
    private final AgentCalls calls;
    private final Map<ResourceGroup, Lane> lanes = new ConcurrentHashMap<>();
    private volatile List<ResourceGroup> groups = List.of();
    private volatile int stopRetries = GroupSequence.STOP_RETRIES;
    private volatile Runnable urgency = () -> {};

    GroupRunner(List<ResourceGroup> groups, AgentCalls calls) {
        this.calls = calls;
        configure(groups);
    }

    /** These are the groups from now on; those that are not among them any more can still be released. */
    void configure(List<ResourceGroup> wanted) {
        for (ResourceGroup group : wanted) {
            lanes.computeIfAbsent(group, _ -> new Lane());
            calls.know(group);
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

    @Override
    public void amend(ResourceGroup before, ResourceGroup after, Consumer<GroupOutcome> done) {
        lane(before).interruptQuestions();
        start(before, done, lane -> {
            lane.nothingUrgent();
            lane.health = null;
            List<ResourceSpec> dropped = without(before.resources(), after.resources());
            List<ResourceSpec> added = without(after.resources(), before.resources());
            GroupOutcome outcome = new GroupOutcome.Done(0);
            if (!dropped.isEmpty()) {
                outcome = stop(new ResourceGroup(before.preferredNode(), dropped, before.line()));
            }
            if (outcome instanceof GroupOutcome.Done && !added.isEmpty()) {
                ResourceGroup part = new ResourceGroup(after.preferredNode(), added, after.line());
                calls.enclosing(part).forEach(Enclosing::begin);
                outcome = run(part, GroupSequence.start(part, calls.joined(part)::contains, stopRetries));
            }
            if (outcome instanceof GroupOutcome.Failed) {
                if (stop(after) instanceof GroupOutcome.Failed stuck && !stuck.clean()) {
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

    @Override
    public void acquire(ResourceGroup group, Consumer<GroupOutcome> done) {
        start(group, done, lane -> {
            lane.handingOver = false;
            calls.enclosing(group).forEach(Enclosing::begin);
            GroupOutcome outcome = run(group, GroupSequence.start(group, calls.joined(group)::contains, stopRetries));
            if (outcome instanceof GroupOutcome.Failed) {
                calls.enclosing(group).forEach(Enclosing::end);
            } else {
                lane.health = new GroupHealth();
            }
            return outcome;
        });
    }

    @Override
    public void release(ResourceGroup group, Consumer<GroupOutcome> done) {
        lane(group).interruptQuestions();
        start(group, done, lane -> {
            lane.nothingUrgent();
            lane.health = null;
            lane.handingOver = false;
            calls.enclosing(group).forEach(Enclosing::leaving);
            return stop(group);
        });
    }

    @Override
    public void handOver(ResourceGroup group, Consumer<GroupOutcome> done) {
        lane(group).interruptQuestions();
        start(group, done, lane -> {
            lane.nothingUrgent();
            lane.health = null;
            calls.enclosing(group).forEach(Enclosing::leaving);
            lane.handingOver = true;
            GroupOutcome outcome = run(
                    GroupSequence.stop(group, calls.joined(group)::contains, GroupSequence.STOP_RETRIES),
                    (action, resources) -> action == Action.STOP
                            ? calls.stopFading(group, resources)
                            : calls.perform(group, action, resources));
            if (outcome instanceof GroupOutcome.Failed) {
                GroupOutcome _ = stopFaded(group, lane); // nobody takes it, so there is nothing to linger for
            }
            return outcome;
        });
    }

    @Override
    public void letGo(ResourceGroup group, Consumer<GroupOutcome> done) {
        start(group, done, lane -> stopFaded(group, lane));
    }

    private GroupOutcome stopFaded(ResourceGroup group, Lane lane) {
        if (!lane.handingOver) {
            return new GroupOutcome.Done(0);
        }
        long started = System.nanoTime();
        List<ResourceSpec> addresses = List.copyOf(calls.joined(group)).reversed();
        List<ActionResult> results = addresses.isEmpty() ? List.of() : calls.quietly(Action.STOP, addresses);
        for (int i = 0; i < results.size(); i++) {
            if (!(results.get(i) instanceof ActionResult.Done)) {
                return new GroupOutcome.Failed(
                        addresses.get(i), Action.STOP.word(), results.get(i).text(), false);
            }
        }
        lane.handingOver = false;
        calls.enclosing(group).forEach(Enclosing::end);
        return new GroupOutcome.Done(millisSince(started));
    }

    private GroupOutcome stop(ResourceGroup group) {
        GroupOutcome outcome = run(group, GroupSequence.stop(group, calls.joined(group)::contains, stopRetries));
        calls.enclosing(group).forEach(Enclosing::end);
        return outcome;
    }

    @Override
    public void announce(ResourceGroup group) {
        Thread.ofPlatform().name("action-" + group.key()).start(calls::announce);
    }

    /**
     * Asks the resources of a group how they are, and mends what does not run. Does nothing when the group is not held, or is being worked
     * on.
     */
    void check(ResourceGroup group, ResourceFindings findings) {
        if (lane(group).health == null) {
            return;
        }
        Thread.ofPlatform().name("check-" + group.key()).start(() -> {
            Lane lane = lane(group);
            if (lane.lock.tryLock()) {
                try {
                    new HeldGroupCheck(calls, group, lane, findings, () -> stop(group)).run();
                } finally {
                    lane.lock.unlock();
                }
            }
        });
    }

    private GroupOutcome run(ResourceGroup group, GroupSequence sequence) {
        return run(sequence, (action, resources) -> calls.perform(group, action, resources));
    }

    private static GroupOutcome run(
            GroupSequence sequence, BiFunction<Action, List<ResourceSpec>, List<ActionResult>> perform) {
        long started = System.nanoTime();
        Step step = sequence.next();
        while (true) {
            switch (step) {
                case Step.Run(Action action, List<ResourceSpec> resources) ->
                    step = sequence.answered(perform.apply(action, resources));
                case Step.Pause(Duration time) -> {
                    pause(time.toMillis());
                    step = sequence.next();
                }
                case Step.Ended(GroupSequence.Outcome outcome) -> {
                    return GroupOutcome.of(outcome, millisSince(started));
                }
            }
        }
    }

    private void start(ResourceGroup group, Consumer<GroupOutcome> done, Function<Lane, GroupOutcome> work) {
        Lane lane = lane(group);
        Thread.ofPlatform().name("action-" + group.key()).start(() -> {
            urgency.run();
            GroupOutcome outcome;
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

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
