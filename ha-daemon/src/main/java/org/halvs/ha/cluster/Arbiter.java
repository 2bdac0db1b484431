package org.halvs.ha.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.halvs.ha.arbitration.ClaimNetwork;
import org.halvs.ha.arbitration.ClaimQuestion;
import org.halvs.ha.arbitration.Fencing;
import org.halvs.ha.arbitration.Watchdog;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimResult;
import org.halvs.ha.takeover.GroupStatus;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.ha.takeover.TakeoverStep;

/**
 * Does what {@link Ownership} wants to be found out, tells of what is found, and keeps an eye on this node itself: whether it was asleep, whether it decides at
 * all. Confined to the control thread.
 */
public final class Arbiter {
    private static final long BEAT_MILLIS = 400;
    private static final long BEAT_NANOS = 1_000_000 * BEAT_MILLIS;
    private static final long STATUS_OF_FENCING_MILLIS = 3_600_000;
    private static final long QUIET_NANOS = 60_000_000_000L;

    private final ControlLoop loop;
    private final Consumer<DomainEvent> events;
    private final ClaimNetwork network;
    private Optional<Fencing> fencing;
    private Watchdog watchdog;
    private final Wakefulness wakefulness;
    private long asleepNanos;
    private final Ownership ownership;
    private final Steps steps;

    private boolean closed;
    private long heldUp;
    private Optional<Long> heldUpToldNanos = Optional.empty();
    private long beatNanos;
    private final Map<String, String> told = new LinkedHashMap<>();
    private final Map<String, String> unfit = new LinkedHashMap<>();
    /** The links a node is heard on. */
    private final Map<String, Set<String>> linksUp = new LinkedHashMap<>();

    private final Map<String, Set<String>> linksDown = new LinkedHashMap<>();

    /** Runs steps, on the control thread. */
    @FunctionalInterface
    interface Steps {
        void run(List<TakeoverStep> steps);
    }

    /**
     * @param wakefulness whether this process runs
     * @param asleepNanos a gap after which other nodes may have taken what this one has
     * @param steps runs what {@link Ownership} answers
     */
    Arbiter(
            ControlLoop loop,
            Consumer<DomainEvent> events,
            ClaimNetwork network,
            Optional<Fencing> fencing,
            Watchdog watchdog,
            Wakefulness wakefulness,
            long asleepNanos,
            Ownership ownership,
            Steps steps) {
        this.loop = loop;
        this.beatNanos = loop.nanoTime();
        this.events = events;
        this.network = network;
        this.fencing = fencing;
        this.watchdog = watchdog;
        this.wakefulness = wakefulness;
        this.asleepNanos = asleepNanos;
        this.ownership = ownership;
        this.steps = steps;
    }

    /** Begins to watch this node, and to ask the fencing devices every hour whether they work. */
    public void start() {
        loop.enqueue(this::beat);
        loop.enqueue(this::fencingStatus);
    }

    /** Other times hold from now on. */
    public void asleepAfter(long nanos) {
        asleepNanos = nanos;
    }

    /** Something else resets silent nodes from now on; a reset that is under way is not asked for again. */
    public void fenceBy(Optional<Fencing> device) {
        fencing = device;
    }

    /** Another watchdog is told from now on, the one until now is stopped. */
    public void watchedBy(Supplier<Watchdog> next) {
        watchdog.close();
        watchdog = next.get();
        watchdog.tickle();
    }

    private void beat() {
        if (closed) {
            return;
        }
        now();
        watchdog.tickle();
        network.publish(ownership.claimAnswers(loop.nanoTime()));
        loop.schedule(BEAT_MILLIS, this::beat);
    }

    /**
     * The time, for whatever happens next. When this process, or the control thread, has not run for so long that others may have taken what this node has, that is
     * dealt with first: nothing is decided by what was true before.
     */
    long now() {
        long now = loop.nanoTime();
        long gap = now - beatNanos;
        beatNanos = now;
        if (gap > asleepNanos + BEAT_NANOS) {
            heldUp(gap, now);
            slept(now);
        } else if (wakefulness.isDoubtful(now, asleepNanos)) {
            slept(now);
        }
        return loop.nanoTime();
    }

    /** A machine that is too busy holds this thread up many times a second: once a minute is told. */
    private void heldUp(long gap, long now) {
        heldUp++;
        if (heldUpToldNanos.filter(told -> now - told < QUIET_NANOS).isPresent()) {
            return;
        }
        events.accept(new DomainEvent.Degraded(
                "this node",
                "decided nothing for " + gap / 1_000_000 + " ms"
                        + (heldUp > 1 ? ", and " + (heldUp - 1) + " times since this was told last" : "")
                        + "; asking who has its groups now"));
        heldUp = 0;
        heldUpToldNanos = Optional.of(now);
    }

    // --- what Ownership wants ----------------------------------------------------------------------------------------

    /** Called after the status was sent: what others are answered has to be true before they are asked. */
    void look(TakeoverRules rules, List<TakeoverStep> all) {
        network.publish(ownership.claimAnswers(loop.nanoTime()));
        List<ClaimQuestion> questions = new ArrayList<>();
        Map<String, TakeoverStep.CheckClaim> checks = new LinkedHashMap<>();
        for (TakeoverStep step : all) {
            switch (step) {
                case TakeoverStep.CheckClaim check -> {
                    checks.put(check.group(), check);
                    rules.group(check.group())
                            .ifPresent(group ->
                                    questions.add(ClaimQuestion.about(group, check.probe(), hasTime(check.group()))));
                }
                case TakeoverStep.Fence fence -> fence(fence);
                case TakeoverStep.Acquire _, TakeoverStep.Release _, TakeoverStep.Announce _ -> {}
            }
        }
        network.check(questions, report -> {
            TakeoverStep.CheckClaim check = checks.get(report.group());
            if (check != null) {
                loop.enqueue(() -> checked(check, report));
            }
        });
    }

    /** Nobody waits for what a holder finds out, unless it has to know whether it still is one. */
    private boolean hasTime(String key) {
        GroupStatus group = ownership.status().group(key);
        return group.claim() == Claim.HELD && !group.doubtful();
    }

    private void checked(TakeoverStep.CheckClaim check, ClaimReport report) {
        long now = now();
        Optional<String> text = ownership.anticipates(report.group()) ? Optional.empty() : text(report.result());
        String before = told.getOrDefault(report.group(), "");
        if (ownership.awaits(check) && !text.orElse("").equals(before)) {
            told.put(report.group(), text.orElse(""));
            events.accept(new DomainEvent.ClaimFound(
                    report.group(), text.orElse("nobody else has it any more"), text.isPresent()));
        }
        steps.run(ownership.claimChecked(check, report, now));
    }

    /** Empty for what is no news. */
    private static Optional<String> text(ClaimResult result) {
        return switch (result) {
            case ClaimResult.Free _ -> Optional.empty();
            case ClaimResult.HeldByLiveDaemon(String node) -> Optional.of("the daemon of " + node + " has it");
            case ClaimResult.AnsweredWithoutDaemon stranger ->
                Optional.of(stranger.mac() + " answers for " + stranger.address()
                        + ", and no daemon says that it has it: a frozen or killed daemon's machine, or a stranger");
            case ClaimResult.CannotTell(String reason) -> Optional.of("who has it can't be found out: " + reason);
        };
    }

    private void fence(TakeoverStep.Fence step) {
        events.accept(new DomainEvent.FencingBegun(step.node(), step.reason()));
        fencing.ifPresentOrElse(
                device -> device.reset(step.node(), outcome -> loop.enqueue(() -> fenced(step.node(), outcome))),
                () -> loop.enqueue(() -> fenced(step.node(), new Fencing.Outcome.Failed("no fencing device"))));
    }

    private void fenced(String node, Fencing.Outcome outcome) {
        long now = now();
        switch (outcome) {
            case Fencing.Outcome.Done _ -> {
                events.accept(new DomainEvent.Fenced(node));
                steps.run(ownership.fenced(node, true, "", now));
            }
            case Fencing.Outcome.Failed(String text) -> {
                events.accept(new DomainEvent.FencingFailed(node, text));
                steps.run(ownership.fenced(node, false, text, now));
            }
        }
    }

    private void fencingStatus() {
        fencing.ifPresent(device -> device.status(outcome -> loop.enqueue(() -> {
            if (outcome instanceof Fencing.Outcome.Failed(String text)) {
                events.accept(new DomainEvent.Degraded("fencing", "its status can't be had: " + text));
            }
        })));
        loop.schedule(STATUS_OF_FENCING_MILLIS, this::fencingStatus);
    }

    // --- what happens ------------------------------------------------------------------------------------------------

    /** Another node's daemon asks who has a group, and says what it has to do with it. */
    public void asked(String node, String group, ClaimAnswer asking) {
        steps.run(ownership.asked(node, group, asking, now()));
    }

    /** There is no ping node any more. */
    public void pingless() {
        steps.run(ownership.pings(NodeStatus.PINGS_UNKNOWN, now()));
    }

    /** So many of the ping nodes answer this node now. */
    public void pings(int reached, int all) {
        events.accept(new DomainEvent.PingNodesReached(reached, all));
        steps.run(ownership.pings(reached, now()));
    }

    /** A group's interface can carry traffic, or can't. */
    public void link(String group, String device, boolean up) {
        String reason = device + " has no carrier, is down or is missing";
        if (up) {
            if (unfit.remove(group + " " + device) != null) {
                events.accept(new DomainEvent.GroupFitness(group, device + " has a carrier again", true));
            }
        } else if (unfit.put(group + " " + device, reason) == null) {
            events.accept(new DomainEvent.GroupFitness(group, reason, false));
        }
        String reasons = String.join(
                ", ",
                unfit.entrySet().stream()
                        .filter(e -> e.getKey().startsWith(group + " "))
                        .map(Map.Entry::getValue)
                        .toList());
        steps.run(reasons.isEmpty() ? ownership.fit(group, now()) : ownership.unfit(group, reasons, now()));
    }

    /** A group's addresses are others now: what was said of its interfaces is said anew. */
    void forgetLinks(String group) {
        if (unfit.keySet().removeIf(key -> key.startsWith(group + " "))) {
            steps.run(ownership.fit(group, now()));
        }
    }

    /** The others may have declared this node dead. */
    private void slept(long now) {
        long sleeps = wakefulness.sleeps();
        steps.run(ownership.asleep(now));
        wakefulness.acknowledge(sleeps); // what others are answered says so by now
    }

    void overdue(String node) {
        steps.run(ownership.overdue(node, now()));
    }

    void oneWay(String node, boolean notHeard) {
        steps.run(ownership.oneWay(node, notHeard, now()));
    }

    /** A node that is heard nowhere says nothing about whom it hears. */
    void linkHeard(String node, String link, boolean up) {
        Set<String> heard = linksUp.computeIfAbsent(node, _ -> new LinkedHashSet<>());
        Set<String> silent = linksDown.computeIfAbsent(node, _ -> new LinkedHashSet<>());
        (up ? silent : heard).remove(link);
        (up ? heard : silent).add(link);
        if (heard.isEmpty()) {
            oneWay(node, false);
        }
    }

    /** An ldirectord file was read. */
    public void fileRead(String name, long number) {
        steps.run(ownership.fingerprint(name, number, now()));
    }

    /** Stops the watchdog: what follows is an orderly end. */
    public void close() {
        closed = true;
        watchdog.close();
    }
}
