package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.ViewId;

/** One life of a daemon. */
final class SimNode {
    final String name;
    final Ownership ownership;
    boolean alive = true;
    boolean paused;
    /** Whether it slept and nothing it did since has noticed. */
    boolean slept;
    /** When it last went on after having been frozen. */
    long resumedNanos = -1;
    /** What waits for it to wake up. */
    final List<Runnable> backlog = new ArrayList<>();
    /** What the node's resources are really doing. */
    final Map<String, Claim> resources = new TreeMap<>();
    /** Whose heartbeats came within deadtime. */
    final TreeSet<String> hears = new TreeSet<>();
    /** How those it does not hear any more went. */
    final Map<String, Departure> lost = new LinkedHashMap<>();

    /** Since when it stays in a view without those who have another one by now; -1 while it does not. */
    long keepsOldSinceNanos = -1;

    /** The view it has, or is about to install. */
    ViewId view = new ViewId("", 0);

    List<String> viewMembers = List.of();
    final TreeSet<String> deaf = new TreeSet<>();
    long wakeupNanos = Long.MIN_VALUE;
    int pings = NodeStatus.PINGS_UNKNOWN;

    /** A claim check under way. */
    static final class Check {
        final Map<String, ClaimAnswer> daemons = new LinkedHashMap<>();
        String answeredBy = "";
        boolean done;
    }

    final long startedNanos;

    SimNode(String name, Ownership ownership, long nowNanos) {
        this.name = name;
        this.startedNanos = nowNanos;
        this.ownership = ownership;
    }

    boolean runs() {
        return alive && !paused;
    }

    Claim resource(String group) {
        return resources.getOrDefault(group, Claim.NONE);
    }
}
