package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.halvs.ha.arbitration.ClaimNetwork;
import org.halvs.ha.arbitration.Fencing;
import org.halvs.ha.arbitration.LastResort;
import org.halvs.ha.arbitration.Watchdog;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.ClusterMessage;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.MembershipListener;
import org.halvs.ha.membership.PathEvent;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.takeover.ArbitrationRules.StopFailure;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.GroupStatus;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.NodeStatusCodec;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverPlan.Outlook;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.ha.takeover.TakeoverStep;
import org.halvs.resource.ResourceGroup;

/**
 * This node in the cluster: hands everything that happens to {@link Ownership}, runs the steps it answers with, and sends its status.
 * Confined to the control thread but for {@link #membershipListener}.
 */
final class ClusterNode {
    /** The node a group came from has let go of the last of it after this, see {@link Handovers}; an operator is told no earlier. */
    private static final long LAST_OF_IT_MILLIS = 200;

    /** An operator does not wait longer for resources to move; what was begun goes on. */
    private static final long OPERATOR_LIMIT_MILLIS = 60_000;

    private final ControlLoop loop;
    private final EventSink events;
    private final Membership membership;
    private final GroupRunner runner;
    private final Ownership ownership;
    private final Arbiter arbiter;
    private final LastResort lastResort;
    private TakeoverRules rules;
    private List<String> knownMembers = List.of();
    private long scheduledWakeupNanos = Long.MIN_VALUE;
    private final List<Waiting> waiting = new ArrayList<>();
    private Runnable onLeft = () -> {};
    private boolean ready;
    private Consumer<ClusterView> viewListener = _ -> {};
    private final ClusterWatch watch;
    private final Handovers handovers;
    private Successions successions = Successions.ofNobody();
    /** Groups of earlier rules that are still held and about to be released. */
    private final Map<String, ResourceGroup> retired = new LinkedHashMap<>();

    private Consumer<List<String>> onJoined = _ -> {};
    private final Map<ClusterMessage.Kind, BiConsumer<String, byte[]>> handlers =
            new EnumMap<>(ClusterMessage.Kind.class);

    /** A command whose answer waits until its groups have settled. */
    private record Waiting(List<String> groups, boolean here, CompletableFuture<String> answer, long deadlineNanos) {}

    /** What this node has to arbitrate with. */
    record Means(
            ClaimNetwork network,
            Optional<Fencing> fencing,
            Watchdog watchdog,
            LastResort lastResort,
            Wakefulness wakefulness,
            long asleepNanos) {}

    ClusterNode(
            ControlLoop loop,
            EventSink events,
            Membership membership,
            GroupRunner runner,
            TakeoverRules rules,
            long incarnation,
            Means means) {
        this.loop = loop;
        this.events = events;
        this.membership = membership;
        this.runner = runner;
        this.rules = rules;
        this.lastResort = means.lastResort();
        this.ownership = new Ownership(rules, membership.localNode(), incarnation, System.nanoTime());
        this.handovers = new Handovers(loop, events, runner, this::handedOver);
        this.watch = new ClusterWatch(rules, membership.localNode());
        this.arbiter = new Arbiter(
                loop,
                events,
                means.network(),
                means.fencing(),
                means.watchdog(),
                means.wakefulness(),
                means.asleepNanos(),
                ownership,
                this::run);
    }

    /** Calls {@code listener} on the control thread with nodes that have just become members. */
    void onJoined(Consumer<List<String>> listener) {
        onJoined = listener;
    }

    /** Has clients of a node that died looked after. Called before the membership is started. */
    void follow(Successions wanted) {
        successions = wanted;
    }

    /** What happens on the networks of the groups and among the ping nodes comes in here. */
    Arbiter arbiter() {
        return arbiter;
    }

    /**
     * What the membership tells; it may be called from any thread and only enqueues. With the first view this node may own something, so its
     * resources have to be understood, and what an earlier life left behind released, before the membership is started.
     */
    MembershipListener membershipListener() {
        return new MembershipListener() {
            @Override
            public void onView(ClusterView view) {
                viewListener.accept(view);
                loop.enqueue(() -> viewInstalled(view));
            }

            @Override
            public void onPath(PathEvent event) {
                loop.enqueue(() -> pathChanged(event));
            }

            @Override
            public void onMessage(String node, byte[] message) {
                ClusterMessage.decode(message).ifPresent(decoded -> {
                    if (decoded.kind() == ClusterMessage.Kind.STATUS) {
                        loop.enqueue(() -> heard(node, decoded.body()));
                    } else {
                        Optional.ofNullable(handlers.get(decoded.kind()))
                                .ifPresent(handler -> handler.accept(node, decoded.body()));
                    }
                });
            }
        };
    }

    private static Optional<DomainEvent> pathEvent(PathEvent event) {
        return switch (event) {
            case PathEvent.LinkChanged link ->
                Optional.of(new DomainEvent.LinkChanged(link.node(), link.link(), link.up()));
            case PathEvent.LateHeartbeat late ->
                Optional.of(new DomainEvent.LateHeartbeat(late.node(), late.interval(), late.deadtime()));
            case PathEvent.Asleep asleep -> Optional.of(new DomainEvent.NodeWasAsleep(asleep.asleep()));
            case PathEvent.OneWay way -> Optional.of(new DomainEvent.OneWayPath(way.node(), way.notHeard()));
            case PathEvent.Overdue _ -> Optional.empty(); // if it comes to anything, that is told
        };
    }

    /**
     * Hands messages of one kind to {@code handler}, with the name of the node that sent them, on a thread of the membership: it must return at
     * once. Called before the membership is started.
     */
    void onMessage(ClusterMessage.Kind kind, BiConsumer<String, byte[]> handler) {
        handlers.put(kind, handler);
    }

    /** Tells {@code listener} of every view, before the control thread hears of it, under the same conditions. */
    void onView(Consumer<ClusterView> listener) {
        viewListener = listener;
    }

    private void viewInstalled(ClusterView view) {
        long now = arbiter.now();
        List<String> joined =
                view.members().stream().filter(m -> !knownMembers.contains(m)).toList();
        List<String> left =
                knownMembers.stream().filter(m -> !view.members().contains(m)).toList();
        knownMembers = view.members();
        if (!joined.isEmpty() || !left.isEmpty() || view.merge()) {
            events.emit(new DomainEvent.MembershipChanged(view.members(), joined, left, view.merge()));
        }
        watch.onView(view, left).forEach(events::emit);
        onJoined.accept(joined);
        successions.viewInstalled(view, joined);
        List<TakeoverStep> steps = new ArrayList<>(ownership.onView(view, now));
        if (!ready) {
            // In the same breath as the first view: a node that is seen but not ready would lose its groups to the
            // other one, and one that is
            // ready without a view would take what others may have.
            ready = true;
            steps.addAll(ownership.ready(true, now));
        }
        run(steps);
    }

    private void pathChanged(PathEvent event) {
        pathEvent(event).ifPresent(events::emit);
        switch (event) {
            case PathEvent.LinkChanged(String node, String link, boolean up) -> {
                arbiter.linkHeard(node, link, up);
                if (up) {
                    successions.heardAgain(node);
                }
            }
            case PathEvent.Asleep _ -> arbiter.now();
            case PathEvent.OneWay(String node, boolean notHeard) -> arbiter.oneWay(node, notHeard);
            case PathEvent.Overdue(String node) -> arbiter.overdue(node);
            case PathEvent.LateHeartbeat _ -> {}
        }
    }

    private void heard(String node, byte[] message) {
        Optional<NodeStatus> status = NodeStatusCodec.decode(message);
        if (status.isEmpty() || !status.get().node().equals(node)) {
            events.emit(new DomainEvent.Degraded("node " + node, "sent a status this version can't read"));
            return;
        }
        successions.heard(status.get(), rules); // first: with what it says this node may begin to take a group
        run(ownership.onStatus(status.get(), arbiter.now()));
        handovers.heard(status.get());
    }

    /** Gives up everything in order, then calls {@code left}. */
    void leave(Runnable left) {
        events.emit(new DomainEvent.ShutdownBegun(
                membership.localNode(), ProcessHandle.current().pid()));
        onLeft = () -> {
            events.emit(new DomainEvent.AllReleased(membership.localNode()));
            left.run();
        };
        run(ownership.leave(arbiter.now()));
    }

    /** Sends groups to the other node; {@code answer} completes when they have arrived, or when it is clear that they do not. */
    void standby(Scope scope, CompletableFuture<String> answer) {
        events.emit(new DomainEvent.OperatorRequest("standby " + word(scope)));
        watch.asked(scope);
        stopAgain();
        operate(ownership.standby(scope, arbiter.now()), false, answer);
    }

    /** What could not be stopped may have been mended since. */
    private void stopAgain() {
        ownership.status().groups().stream()
                .filter(GroupStatus::stuck)
                .flatMap(status -> rules.group(status.group()).stream())
                .forEach(group -> release(group, "an operator wants it to be tried again"));
    }

    /** Brings groups here; {@code answer} completes when they have arrived, or when it is clear that they do not. */
    void takeover(Scope scope, CompletableFuture<String> answer) {
        events.emit(new DomainEvent.OperatorRequest("takeover " + word(scope)));
        watch.asked(scope);
        operate(ownership.takeover(scope, arbiter.now()), true, answer);
    }

    private static String word(Scope scope) {
        return scope.name().toLowerCase(java.util.Locale.ROOT);
    }

    private void operate(Ownership.Answer decision, boolean here, CompletableFuture<String> answer) {
        if (!decision.accepted()) {
            answer.completeExceptionally(new RefusedException(decision.text()));
            return;
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(OPERATOR_LIMIT_MILLIS);
        waiting.add(new Waiting(decision.groups(), here, answer, deadline));
        run(decision.steps());
    }

    /** The cluster or the node can't do what an operator asked for, in words for the operator. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String why) {
            super(why);
        }
    }

    Ownership ownership() {
        return ownership;
    }

    TakeoverRules rules() {
        return rules;
    }

    /** Other rules hold from now on; groups that are gone are released, groups that differ change where they are held. */
    void configure(TakeoverRules changed) {
        for (ResourceGroup before : rules.groups()) {
            Optional<ResourceGroup> after = changed.group(before.key());
            if (after.isEmpty() || !after.get().resources().equals(before.resources())) {
                arbiter.forgetLinks(before.key());
            }
            if (after.isEmpty()) {
                retired.put(before.key(), before);
            } else if (!after.get().resources().equals(before.resources())
                    && ownership.status().group(before.key()).claim() == Claim.HELD) {
                amend(before, after.get());
            }
        }
        rules = changed;
        watch.configure(changed);
        run(ownership.configure(changed, arbiter.now()));
    }

    private void amend(ResourceGroup before, ResourceGroup after) {
        runner.amend(
                before,
                after,
                outcome -> loop.enqueue(() -> {
                    if (outcome instanceof GroupRunner.Outcome.Failed failed) {
                        events.emit(failure(after, failed));
                        if (failed.clean()) {
                            lost(after);
                        } else {
                            lostAndStuck(after, failed);
                        }
                    }
                }));
    }

    private void run(List<TakeoverStep> steps) {
        for (TakeoverStep step : steps) {
            ResourceGroup group = rules.group(step.group())
                    .or(() -> Optional.ofNullable(retired.get(step.group())))
                    .orElseThrow(() -> new IllegalStateException("a step for the unknown group " + step.group()));
            switch (step) {
                case TakeoverStep.Acquire acquire -> acquire(group, acquire.reason());
                case TakeoverStep.Release release -> release(group, release.reason());
                case TakeoverStep.Announce announce -> {
                    events.emit(new DomainEvent.GroupAnnounced(group.key(), announce.reason()));
                    runner.announce(group);
                }
                case TakeoverStep.CheckClaim _, TakeoverStep.Fence _ -> {} // below, after the others know
            }
        }
        ownership
                .statusToSend(System.nanoTime())
                .ifPresent(status -> membership.broadcast(
                        new ClusterMessage(ClusterMessage.Kind.STATUS, NodeStatusCodec.encode(status)).encode()));
        watch.look(ownership).forEach(events::emit);
        arbiter.look(rules, steps);
        answerOperators();
        scheduleWakeup();
        leaveWhenDone();
    }

    private void handedOver() {
        answerOperators();
        leaveWhenDone();
    }

    private void leaveWhenDone() {
        if (ownership.mayLeave() && handovers.none()) {
            Runnable left = onLeft;
            onLeft = () -> {};
            left.run();
        }
    }

    private void acquire(ResourceGroup group, String reason) {
        events.emit(new DomainEvent.GroupAcquiring(group.key(), reason));
        handovers.cameBack(group);
        successions.acquiring(group, ownership.takenFromLivingKernel(group.key()));
        runner.acquire(
                group,
                outcome -> loop.enqueue(() -> {
                    switch (outcome) {
                        case GroupRunner.Outcome.Done(long tookMillis) -> {
                            events.emit(new DomainEvent.GroupAcquired(group.key(), tookMillis));
                            run(ownership.acquired(group.key(), arbiter.now()));
                            loop.schedule(LAST_OF_IT_MILLIS, this::answerOperators);
                        }
                        case GroupRunner.Outcome.Failed failed -> { // told when it happened
                            if (failed.clean()) {
                                run(ownership.acquireFailed(group.key(), arbiter.now()));
                            } else {
                                stuck(group, "it did not start and could not be stopped again, " + trouble(failed));
                            }
                        }
                    }
                }));
    }

    private void release(ResourceGroup group, String reason) {
        events.emit(new DomainEvent.GroupReleasing(group.key(), reason));
        boolean handsOver = ownership.handsOver(group.key());
        Consumer<GroupRunner.Outcome> done = outcome -> loop.enqueue(() -> released(group, handsOver, outcome));
        if (handsOver) {
            runner.handOver(group, done);
        } else {
            runner.release(group, done);
        }
    }

    private void released(ResourceGroup group, boolean handsOver, GroupRunner.Outcome outcome) {
        switch (outcome) {
            case GroupRunner.Outcome.Done(long tookMillis) -> {
                if (handsOver) {
                    handovers.begun(group);
                }
                events.emit(new DomainEvent.GroupReleased(group.key(), tookMillis));
                run(ownership.released(group.key(), arbiter.now()));
            }
            case GroupRunner.Outcome.Failed failed -> {
                events.emit(failure(group, failed));
                stuck(group, trouble(failed));
            }
        }
    }

    private static String trouble(GroupRunner.Outcome.Failed failed) {
        return failed.resource() + ": " + failed.text();
    }

    /** Part of the group may still run here: nobody else may take it. */
    private void stuck(ResourceGroup group, String trouble) {
        StopFailure rule = rules.arbitration().stopFailure();
        events.emit(new DomainEvent.GroupStuck(
                group.key(),
                trouble,
                switch (rule) {
                    case ALERT ->
                        "nobody else takes it until it is stopped: mend it, then say halvs standby here, which tries again";
                    case FENCE -> "the other node is to reset this one and take it";
                    case REBOOT -> "this machine restarts now, as halvs.yml says";
                }));
        boolean leaving = ownership.status().group(group.key()).claim() == Claim.RELEASING;
        run(
                leaving
                        ? ownership.releaseFailed(group.key(), trouble, arbiter.now())
                        : ownership.brokenAndStuck(group.key(), trouble, arbiter.now()));
        if (rule == StopFailure.REBOOT) {
            lastResort.restart();
        }
    }

    /** A held group does not hold here and was stopped. Nothing is done about one that is leaving anyway. */
    void lost(ResourceGroup group) {
        if (holds(group)) {
            run(ownership.lost(group.key(), arbiter.now()));
        }
    }

    /** A held group does not hold here, and something of it could not be stopped. */
    void lostAndStuck(ResourceGroup group, GroupRunner.Outcome.Failed stop) {
        if (holds(group)) {
            stuck(group, "it does not hold here and could not be stopped, " + trouble(stop));
        }
    }

    private boolean holds(ResourceGroup group) {
        return ownership.status().group(group.key()).claim() == Claim.HELD;
    }

    private static DomainEvent failure(ResourceGroup group, GroupRunner.Outcome.Failed failed) {
        return new DomainEvent.ResourceFailed(group.key(), failed.resource().text(), failed.action(), failed.text());
    }

    private void answerOperators() {
        long now = System.nanoTime();
        waiting.removeIf(command -> {
            boolean settled = command.groups.stream().allMatch(group -> hasArrived(group, command.here));
            if (settled) {
                command.answer.complete(describe(command.groups));
            } else if (now - command.deadlineNanos > 0) {
                command.answer.completeExceptionally(new RefusedException(
                        "not done after " + OPERATOR_LIMIT_MILLIS / 1000 + " s:\n" + describe(command.groups)));
            }
            return command.answer.isDone();
        });
    }

    /** Whether a group is held where an operator wanted it. */
    private boolean hasArrived(String group, boolean here) {
        if (here) {
            return ownership.status().group(group).claim() == Claim.HELD
                    && ownership.claimAnswer(group, System.nanoTime()).heldMillis() >= LAST_OF_IT_MILLIS;
        }
        return handovers.none()
                && ownership.peers().stream().anyMatch(peer -> peer.group(group).claim() == Claim.HELD);
    }

    private String describe(List<String> groups) {
        StringBuilder text = new StringBuilder();
        for (Outlook outlook : ownership.outlooks()) {
            if (groups.contains(outlook.group())) {
                text.append(outlook.group())
                        .append(" is with ")
                        .append(outlook.owner().isEmpty() ? "nobody" : outlook.owner())
                        .append(": ")
                        .append(outlook.reason())
                        .append('\n');
            }
        }
        return text.toString();
    }

    private void scheduleWakeup() {
        ownership.nextWakeupNanos().ifPresent(due -> {
            if (due != scheduledWakeupNanos) {
                scheduledWakeupNanos = due;
                long delay = Math.max(0, TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime() + 999_999));
                loop.schedule(delay, () -> {
                    if (due == scheduledWakeupNanos) {
                        run(ownership.tick(arbiter.now()));
                    }
                });
            }
        });
    }
}
