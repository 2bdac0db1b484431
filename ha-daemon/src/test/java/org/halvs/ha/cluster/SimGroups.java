package org.halvs.ha.cluster;

import static org.halvs.ha.cluster.SimClock.MILLIS;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.halvs.ha.takeover.Claim;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupHealth;
import org.halvs.resource.GroupHealth.Verdict;
import org.halvs.resource.GroupSequence;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.GroupSequence.Step;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * The groups of one daemon and the agents of its machine: slow, and now and then one does not start, dies, or refuses to stop. What runs is the machine's affair
 * and outlives the daemon. The first resource of a group is its address, whose name is the group's key; it is there from the begin of its start to the end of
 * its stop, or until it is handed over.
 */
final class SimGroups implements GroupActions {
    static final int STOP_RETRIES = 2;
    private static final long MONITOR = 2_000 * MILLIS;

    private final SimCluster world;
    private final SimNode node;
    private final Map<String, Lane> lanes = new TreeMap<>();

    /** What is done with one group, one after the other. */
    private static final class Lane {
        final Deque<Runnable> waiting = new ArrayDeque<>();
        boolean busy;
        /** Whether a resource has refused to stop, and not been stopped since. */
        boolean struggles;
        /** What really goes on. */
        Claim claim = Claim.NONE;
        /** Of a held group. */
        Optional<GroupHealth> health = Optional.empty();
        /** Since when it is handed over and packets are still taken for it; -1 while that is not so. */
        long lingersSinceNanos = -1;
    }

    SimGroups(SimCluster world, SimNode node) {
        this.world = world;
        this.node = node;
    }

    private Lane lane(String group) {
        return lanes.computeIfAbsent(group, _ -> new Lane());
    }

    /** What this daemon is doing with a group, whatever anybody believes. */
    Claim claim(String group) {
        return lane(group).claim;
    }

    /** Whether a resource of it has refused to stop, so that stopping takes longer than it should. */
    boolean struggles(String group) {
        return lane(group).struggles;
    }

    /** For how long it has been taking packets for a group that is another node's; 0 when it does not. */
    long lingersNanos(String group) {
        long since = lane(group).lingersSinceNanos;
        return since < 0 ? 0 : world.clock.nowNanos() - since;
    }

    // --- one after the other -----------------------------------------------------------------------------------------

    private void begin(Lane lane, Runnable work) {
        lane.waiting.add(work);
        if (!lane.busy) {
            next(lane);
        }
    }

    private void next(Lane lane) {
        Runnable work = lane.waiting.poll();
        lane.busy = work != null;
        if (work != null) {
            later(0, work);
        }
    }

    private void end(Lane lane, GroupOutcome outcome, Consumer<GroupOutcome> done) {
        done.accept(outcome);
        next(lane);
    }

    /** A daemon that dies on the way never comes to that. */
    private void later(long inNanos, Runnable work) {
        world.clock.later(inNanos, () -> node.whenAwake(work));
    }

    // --- what the node wants -----------------------------------------------------------------------------------------

    @Override
    public void acquire(ResourceGroup group, Consumer<GroupOutcome> done) {
        world.takes(node, group.key());
        Lane lane = lane(group.key());
        lane.claim = Claim.ACQUIRING;
        begin(lane, () -> {
            lane.lingersSinceNanos = -1;
            run(group, start(group), outcome -> {
                lane.claim = claimAfter(outcome, Claim.HELD);
                if (lane.claim == Claim.HELD) {
                    watch(group, lane);
                }
                end(lane, outcome, done);
            });
        });
    }

    /** What could not be stopped is still there. */
    private static Claim claimAfter(GroupOutcome outcome, Claim done) {
        return switch (outcome) {
            case GroupOutcome.Done _ -> done;
            case GroupOutcome.Failed failed -> failed.clean() ? Claim.NONE : Claim.RELEASING;
        };
    }

    @Override
    public void release(ResourceGroup group, Consumer<GroupOutcome> done) {
        Lane lane = lane(group.key());
        lane.claim = Claim.RELEASING;
        lane.health = Optional.empty();
        begin(lane, () -> {
            lane.lingersSinceNanos = -1;
            run(group, stop(group), outcome -> {
                lane.claim = claimAfter(outcome, Claim.NONE);
                end(lane, outcome, done);
            });
        });
    }

    @Override
    public void handOver(ResourceGroup group, Consumer<GroupOutcome> done) {
        Lane lane = lane(group.key());
        lane.claim = Claim.RELEASING;
        lane.health = Optional.empty();
        begin(
                lane,
                () -> run(group, stop(group), outcome -> {
                    lane.claim = claimAfter(outcome, Claim.NONE);
                    if (outcome instanceof GroupOutcome.Done) {
                        lane.lingersSinceNanos = world.clock.nowNanos();
                    }
                    end(lane, outcome, done);
                }));
    }

    @Override
    public void letGo(ResourceGroup group, Consumer<GroupOutcome> done) {
        Lane lane = lane(group.key());
        begin(
                lane,
                () -> later(world.agentNanos(), () -> {
                    lane.lingersSinceNanos = -1;
                    end(lane, new GroupOutcome.Done(0), done);
                }));
    }

    @Override
    public void amend(ResourceGroup before, ResourceGroup after, Consumer<GroupOutcome> done) {
        throw new IllegalStateException("nobody edits files here");
    }

    @Override
    public void announce(ResourceGroup group) {
        world.announces(node, group.key());
    }

    // --- its resources -----------------------------------------------------------------------------------------------

    private static boolean isAddress(ResourceGroup group, ResourceSpec resource) {
        return resource.equals(group.resources().getFirst());
    }

    private static GroupSequence start(ResourceGroup group) {
        return GroupSequence.start(group, resource -> isAddress(group, resource), STOP_RETRIES);
    }

    private static GroupSequence stop(ResourceGroup group) {
        return GroupSequence.stop(group, resource -> isAddress(group, resource), STOP_RETRIES);
    }

    private void run(ResourceGroup group, GroupSequence sequence, Consumer<GroupOutcome> done) {
        go(group, sequence, sequence.next(), done);
    }

    private void go(ResourceGroup group, GroupSequence sequence, Step step, Consumer<GroupOutcome> done) {
        switch (step) {
            case Step.Run(Action action, List<ResourceSpec> resources) -> {
                if (action == Action.START) {
                    resources.stream()
                            .filter(resource -> isAddress(group, resource))
                            .forEach(this::runs);
                }
                later(
                        world.agentNanos(),
                        () -> go(group, sequence, sequence.answered(ask(group, action, resources)), done));
            }
            case Step.Pause pause -> later(pause.time().toNanos(), () -> go(group, sequence, sequence.next(), done));
            case Step.Ended(GroupSequence.Outcome outcome) -> {
                world.say(() -> node.name + " is through with " + group.key() + ": " + outcome);
                lane(group.key()).struggles = outcome instanceof GroupSequence.Outcome.Failed failed && !failed.clean();
                done.accept(GroupOutcome.of(outcome, 0));
            }
        }
    }

    private List<ActionResult> ask(ResourceGroup group, Action action, List<ResourceSpec> resources) {
        List<ActionResult> results = new ArrayList<>();
        for (ResourceSpec resource : resources) {
            results.add(
                    switch (action) {
                        case STATUS ->
                            world.kernel(node.name).contains(resource.text())
                                    ? ActionResult.done()
                                    : new ActionResult.NotRunning();
                        case START -> startOne(resource);
                        case STOP -> stopOne(group, resource);
                    });
        }
        return results;
    }

    private ActionResult startOne(ResourceSpec resource) {
        if (world.agentFails()) {
            return new ActionResult.Failed(1, "does not start");
        }
        runs(resource);
        return ActionResult.done();
    }

    private ActionResult stopOne(ResourceGroup group, ResourceSpec resource) {
        if (world.refusesToStop(node.name, resource) && world.kernel(node.name).contains(resource.text())) {
            lane(group.key()).struggles = true;
            return new ActionResult.Failed(1, "does not stop");
        }
        world.kernel(node.name).remove(resource.text());
        return ActionResult.done();
    }

    private void runs(ResourceSpec resource) {
        world.kernel(node.name).add(resource.text());
    }

    // --- the regular check -------------------------------------------------------------------------------------------

    private void watch(ResourceGroup group, Lane lane) {
        GroupHealth health = new GroupHealth();
        lane.health = Optional.of(health);
        check(group, lane, health);
    }

    private void check(ResourceGroup group, Lane lane, GroupHealth health) {
        if (lane.health.filter(health::equals).isEmpty()) {
            return;
        }
        if (!lane.busy) {
            for (ResourceSpec resource : group.resources()) {
                judged(
                        group,
                        lane,
                        resource,
                        health.answered(
                                resource,
                                ask(group, Action.STATUS, List.of(resource)).getFirst(),
                                world.clock.nowNanos()));
            }
        }
        later(MONITOR, () -> check(group, lane, health));
    }

    private void judged(ResourceGroup group, Lane lane, ResourceSpec resource, Verdict verdict) {
        switch (verdict) {
            case Verdict.Well _, Verdict.Odd _ -> {}
            case Verdict.Restart restart -> {
                world.say(() -> node.name + " starts " + resource + " again: " + restart.why());
                if (GroupHealth.restarted(startOne(resource)) instanceof Verdict.Lost) {
                    lose(group, lane);
                }
            }
            case Verdict.Lost _ -> lose(group, lane);
        }
    }

    private void lose(ResourceGroup group, Lane lane) {
        lane.health = Optional.empty();
        world.say(() -> node.name + " gives " + group.key() + " up: it does not hold here");
        begin(
                lane,
                () -> run(group, stop(group), outcome -> {
                    if (lane.claim == Claim.HELD) {
                        lane.claim = claimAfter(outcome, Claim.NONE);
                    }
                    node.loop.enqueue(() -> node.cluster.lost(group, outcome));
                    next(lane);
                }));
    }
}
