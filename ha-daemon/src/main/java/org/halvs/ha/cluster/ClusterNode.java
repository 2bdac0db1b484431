package org.halvs.ha.cluster;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.NodeStatusCodec;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.ha.takeover.TakeoverStep;
import org.halvs.resource.ResourceGroup;

/**
 * This node in the cluster: hands everything that happens to {@link Ownership}, runs the steps it answers with, and sends its status.
 * Confined to the control thread but for {@link #membershipListener}.
 */
public final class ClusterNode {
    private final ControlLoop loop;
    private final Consumer<DomainEvent> events;
    private final Membership membership;
    private final GroupActions actions;
    private final Ownership ownership;
    private final Arbiter arbiter;
    private final LastResort lastResort;
    private TakeoverRules rules;
    private List<String> knownMembers = List.of();
    private long scheduledWakeupNanos = Long.MIN_VALUE;
    private Runnable onLeft = () -> {};
    private boolean ready;
    private Consumer<ClusterView> viewListener = _ -> {};
    private final ClusterWatch watch;
    private final Handovers handovers;
    private final OperatorMoves moves;
    private Successions successions = Successions.ofNobody();
    /** Groups of earlier rules that are still held and about to be released. */
    private final Map<String, ResourceGroup> retired = new LinkedHashMap<>();

    private Consumer<List<String>> onJoined = _ -> {};
    private final Map<ClusterMessage.Kind, BiConsumer<String, byte[]>> handlers =
            new EnumMap<>(ClusterMessage.Kind.class);

    /**
     * What this node has to arbitrate with.
     *
     * @param fencing resets silent nodes; empty when there is no device
     * @param lastResort restarts this machine where {@code stop_failure} says so
     * @param asleepNanos a gap after which other nodes may have taken what this one has
     */
    public record Means(
            ClaimNetwork network,
            Optional<Fencing> fencing,
            Watchdog watchdog,
            LastResort lastResort,
            Wakefulness wakefulness,
            long asleepNanos) {}

    /**
     * A node that is alone and not ready until the first view.
     *
     * @param events gets to know what happened, on the control thread
     * @param incarnation as for {@link Ownership}
     */
    public ClusterNode(
            ControlLoop loop,
            Consumer<DomainEvent> events,
            Membership membership,
            GroupActions actions,
            TakeoverRules rules,
            long incarnation,
            Means means) {
        this.loop = loop;
        this.events = events;
        this.membership = membership;
        this.actions = actions;
        this.rules = rules;
        this.lastResort = means.lastResort();
        this.ownership = new Ownership(rules, membership.localNode(), incarnation, loop.nanoTime());
        this.handovers = new Handovers(loop, events, actions, this::handedOver);
        this.moves = new OperatorMoves(loop, ownership, handovers);
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
    public void onJoined(Consumer<List<String>> listener) {
        onJoined = listener;
    }

    /** Has clients of a node that died looked after. Called before the membership is started. */
    public void follow(Successions wanted) {
        successions = wanted;
    }

    /** What happens on the networks of the groups and among the ping nodes comes in here. */
    public Arbiter arbiter() {
        return arbiter;
    }

    /**
     * What the membership tells; it may be called from any thread and only enqueues. With the first view this node may own something, so its
     * resources have to be understood, and what an earlier life left behind released, before the membership is started.
     */
    public MembershipListener membershipListener() {
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
    public void onMessage(ClusterMessage.Kind kind, BiConsumer<String, byte[]> handler) {
        handlers.put(kind, handler);
    }

    /** Tells {@code listener} of every view, before the control thread hears of it, under the same conditions. */
    public void onView(Consumer<ClusterView> listener) {
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
            events.accept(new DomainEvent.MembershipChanged(view.members(), joined, left, view.merge()));
        }
        watch.onView(view, left).forEach(events);
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
        pathEvent(event).ifPresent(events);
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
            events.accept(new DomainEvent.Degraded("node " + node, "sent a status this version can't read"));
            return;
        }
        successions.heard(status.get(), rules); // first: with what it says this node may begin to take a group
        run(ownership.onStatus(status.get(), arbiter.now()));
        handovers.heard(status.get());
    }

    /** Gives up everything in order, then calls {@code left}. */
    public void leave(Runnable left) {
        events.accept(new DomainEvent.ShutdownBegun(
                membership.localNode(), ProcessHandle.current().pid()));
        onLeft = () -> {
            events.accept(new DomainEvent.AllReleased(membership.localNode()));
            left.run();
        };
        run(ownership.leave(arbiter.now()));
    }

    /** Sends groups to the other node; {@code answer} completes when they have arrived, or when it is clear that they do not. */
    public void standby(Scope scope, CompletableFuture<String> answer) {
        events.accept(new DomainEvent.OperatorRequest("standby " + word(scope)));
        watch.asked(scope);
        run(ownership.stopAgain(arbiter.now())); // what could not be stopped may have been mended since
        operate(ownership.standby(scope, arbiter.now()), false, answer);
    }

    /** Brings groups here; {@code answer} completes when they have arrived, or when it is clear that they do not. */
    public void takeover(Scope scope, CompletableFuture<String> answer) {
        events.accept(new DomainEvent.OperatorRequest("takeover " + word(scope)));
        watch.asked(scope);
        operate(ownership.takeover(scope, arbiter.now()), true, answer);
    }

    private static String word(Scope scope) {
        return scope.name().toLowerCase(Locale.ROOT);
    }

    private void operate(Ownership.Answer decision, boolean here, CompletableFuture<String> answer) {
        if (!decision.accepted()) {
            answer.completeExceptionally(new RefusedException(decision.text()));
            return;
        }
        moves.begun(decision.groups(), here, answer);
        run(decision.steps());
    }

    /** What this node knows about who owns what. */
    public Ownership ownership() {
        return ownership;
    }

    /** The rules that hold now. */
    public TakeoverRules rules() {
        return rules;
    }

    /** Other rules hold from now on; groups that are gone are released, groups that differ change where they are held. */
    public void configure(TakeoverRules changed) {
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
        actions.amend(
                before,
                after,
                outcome -> loop.enqueue(() -> {
                    if (outcome instanceof GroupOutcome.Failed) {
                        lost(after, outcome);
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
                    events.accept(new DomainEvent.GroupAnnounced(group.key(), announce.reason()));
                    actions.announce(group);
                }
                case TakeoverStep.CheckClaim _, TakeoverStep.Fence _ -> {} // below, after the others know
            }
        }
        ownership
                .statusToSend(loop.nanoTime())
                .ifPresent(status -> membership.broadcast(
                        new ClusterMessage(ClusterMessage.Kind.STATUS, NodeStatusCodec.encode(status)).encode()));
        watch.look(ownership).forEach(events);
        arbiter.look(rules, steps);
        moves.look();
        scheduleWakeup();
        leaveWhenDone();
    }

    private void handedOver() {
        moves.look();
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
        events.accept(new DomainEvent.GroupAcquiring(group.key(), reason));
        handovers.cameBack(group);
        successions.acquiring(group, ownership.takenFromLivingKernel(group.key()));
        actions.acquire(
                group,
                outcome -> loop.enqueue(() -> {
                    switch (outcome) {
                        case GroupOutcome.Done(long tookMillis) -> {
                            events.accept(new DomainEvent.GroupAcquired(group.key(), tookMillis));
                            run(ownership.acquired(group.key(), arbiter.now()));
                            loop.schedule(OperatorMoves.LAST_OF_IT_MILLIS, moves::look);
                        }
                        case GroupOutcome.Failed failed -> { // told when it happened
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
        events.accept(new DomainEvent.GroupReleasing(group.key(), reason));
        boolean handsOver = ownership.handsOver(group.key());
        Consumer<GroupOutcome> done = outcome -> loop.enqueue(() -> released(group, handsOver, outcome));
        if (handsOver) {
            actions.handOver(group, done);
        } else {
            actions.release(group, done);
        }
    }

    private void released(ResourceGroup group, boolean handsOver, GroupOutcome outcome) {
        switch (outcome) {
            case GroupOutcome.Done(long tookMillis) -> {
                if (handsOver) {
                    handovers.begun(group);
                }
                events.accept(new DomainEvent.GroupReleased(group.key(), tookMillis));
                run(ownership.released(group.key(), arbiter.now()));
            }
            case GroupOutcome.Failed failed -> {
                events.accept(failure(group, failed));
                stuck(group, trouble(failed));
            }
        }
    }

    private static String trouble(GroupOutcome.Failed failed) {
        return failed.resource() + ": " + failed.text();
    }

    /** Part of the group may still run here: nobody else may take it. */
    private void stuck(ResourceGroup group, String trouble) {
        StopFailure rule = rules.arbitration().stopFailure();
        events.accept(new DomainEvent.GroupStuck(
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

    /** A held group does not hold here and was stopped, with this outcome. Nothing is decided about one that is leaving anyway. */
    public void lost(ResourceGroup group, GroupOutcome stopped) {
        if (stopped instanceof GroupOutcome.Failed failed) {
            events.accept(failure(group, failed));
        }
        if (!holds(group)) {
            return;
        }
        if (stopped instanceof GroupOutcome.Failed failed && !failed.clean()) {
            stuck(group, "it does not hold here and could not be stopped, " + trouble(failed));
        } else {
            run(ownership.lost(group.key(), arbiter.now()));
        }
    }

    private boolean holds(ResourceGroup group) {
        return ownership.status().group(group.key()).claim() == Claim.HELD;
    }

    private static DomainEvent failure(ResourceGroup group, GroupOutcome.Failed failed) {
        return new DomainEvent.ResourceFailed(group.key(), failed.resource().text(), failed.action(), failed.text());
    }

    private void scheduleWakeup() {
        ownership.nextWakeupNanos().ifPresent(due -> {
            if (due != scheduledWakeupNanos) {
                scheduledWakeupNanos = due;
                long delay = Math.max(0, TimeUnit.NANOSECONDS.toMillis(due - loop.nanoTime() + 999_999));
                loop.schedule(delay, () -> {
                    if (due == scheduledWakeupNanos) {
                        run(ownership.tick(arbiter.now()));
                    }
                });
            }
        });
    }
}
