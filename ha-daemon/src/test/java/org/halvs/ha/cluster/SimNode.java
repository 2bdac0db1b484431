package org.halvs.ha.cluster;

import static org.halvs.ha.cluster.SimClock.MILLIS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.halvs.ha.arbitration.Watchdog;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.MembershipListener;
import org.halvs.ha.membership.PathEvent;
import org.halvs.ha.membership.ViewId;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.TakeoverRules;

/** One life of a daemon: its {@link ControlLoop} and {@link ClusterNode}, driven by the clock of the cluster. */
final class SimNode {
    /** As the daemon has it: a heartbeat may have been due just before. */
    static final long ASLEEP = SimCluster.DEADTIME / 4 * 3;

    /** The control thread runs so long after there is something to do, at the latest. */
    private static final long LATENCY = MILLIS / 5;

    final String name;
    final ClusterNode cluster;
    final ControlLoop loop;
    final SimGroups groups;
    final SimClaims claims;
    final MembershipListener listener;
    final Wakefulness wakefulness = new Wakefulness();
    final long startedNanos;
    boolean alive = true;
    boolean paused;
    /** When it last went on after it was frozen for so long that it may have lost what it had; -1 for never. */
    long resumedNanos = -1;
    /** When it last went on after any freeze, or started. */
    long wentOnNanos;
    /** Whose heartbeats came within deadtime. */
    final TreeSet<String> hears = new TreeSet<>();
    /** How those it does not hear any more went. */
    final Map<String, Departure> lost = new LinkedHashMap<>();
    /** Since when it stays in a view without those who have another one by now; -1 while it does not. */
    long keepsOldSinceNanos = -1;
    /** The view it is about to have. */
    ViewId view = new ViewId("", 0);

    List<String> viewMembers = List.of();
    /** The view its listener was told of. */
    ViewId installed = new ViewId("", 0);

    List<String> installedMembers = List.of();
    final TreeSet<String> deaf = new TreeSet<>();
    int pings = NodeStatus.PINGS_UNKNOWN;
    boolean carrier = true;

    private final SimCluster world;
    /** What threads of it are going to do when it goes on. */
    private final List<Runnable> backlog = new ArrayList<>();

    private long plannedNanos = Long.MAX_VALUE;
    private boolean turning;
    private boolean heartbeats = true;
    private long beatNanos;

    SimNode(SimCluster world, String name, TakeoverRules rules, long incarnation) {
        this.world = world;
        this.name = name;
        this.startedNanos = world.clock.nowNanos();
        this.wentOnNanos = startedNanos;
        this.loop = ControlLoop.inVirtualTime(world.clock::nowNanos, this::plan, () -> world.broken(this));
        this.groups = new SimGroups(world, this);
        this.claims = new SimClaims(world, this);
        this.cluster = new ClusterNode(
                loop,
                this::happened,
                new SimSeat(world, this),
                groups,
                rules,
                incarnation,
                new ClusterNode.Means(
                        claims,
                        rules.arbitration().fencing() ? Optional.of(new SimFencing(world, this)) : Optional.empty(),
                        Watchdog.none(),
                        () -> world.powerOff(name),
                        wakefulness,
                        ASLEEP));
        this.listener = cluster.membershipListener();
        cluster.arbiter().start();
    }

    private void happened(DomainEvent event) {
        world.say(() -> name + " " + event);
    }

    boolean runs() {
        return alive && !paused;
    }

    Ownership ownership() {
        return cluster.ownership();
    }

    // --- the control thread ------------------------------------------------------------------------------------------

    private void plan() {
        long wait = turning || !runs() ? Long.MAX_VALUE : loop.waitNanos();
        if (wait == Long.MAX_VALUE) {
            return;
        }
        long due = world.clock.nowNanos() + wait;
        if (due < plannedNanos) {
            plannedNanos = due + world.clock.jitter(LATENCY);
            long planned = plannedNanos;
            world.clock.later(planned - world.clock.nowNanos(), () -> turn(planned));
        }
    }

    private void turn(long planned) {
        if (planned != plannedNanos || !runs()) {
            return;
        }
        plannedNanos = Long.MAX_VALUE;
        beat();
        turning = true;
        boolean more = true;
        while (more && alive) {
            more = loop.turn();
        }
        turning = false;
        plan();
    }

    /** The thread of heartbeats is never late, but after a freeze. */
    void beat() {
        if (heartbeats) {
            beatAt(world.clock.nowNanos());
        }
    }

    private void beatAt(long nanos) {
        beatNanos = nanos;
        wakefulness.awake(nanos);
    }

    // --- sleep -------------------------------------------------------------------------------------------------------

    /** Does {@code work}, a thread's of this daemon: at once, or when it goes on. */
    void whenAwake(Runnable work) {
        if (!alive) {
            return;
        }
        if (paused) {
            backlog.add(() -> whenAwake(work));
        } else {
            work.run();
        }
    }

    void freeze() {
        if (heartbeats) {
            beatAt(world.clock.nowNanos() - world.clock.jitter(SimCluster.KEEPALIVE));
        }
        heartbeats = false;
        paused = true;
        plannedNanos = Long.MAX_VALUE;
    }

    /** The threads go on in any order; that of heartbeats notices the gap within a few milliseconds. */
    void goOn() {
        paused = false;
        wentOnNanos = world.clock.nowNanos();
        List<Runnable> waiting = List.copyOf(backlog);
        backlog.clear();
        waiting.forEach(Runnable::run);
        world.clock.later(world.clock.jitter(5 * MILLIS), () -> whenAwake(this::noticeGap));
        plan();
    }

    private void noticeGap() {
        long gap = world.clock.nowNanos() - beatNanos;
        heartbeats = true;
        if (gap >= ASLEEP) {
            wakefulness.slept();
        }
        beat();
        if (gap >= SimCluster.DEADTIME) {
            listener.onPath(new PathEvent.Asleep(Duration.ofNanos(gap)));
        }
    }

    void end() {
        alive = false;
        loop.close();
    }
}
