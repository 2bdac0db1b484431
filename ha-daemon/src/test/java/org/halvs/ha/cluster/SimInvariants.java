package org.halvs.ha.cluster;

import static org.halvs.ha.cluster.SimClock.MILLIS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ha.takeover.ArbitrationRules;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.GroupStatus;
import org.halvs.resource.ResourceGroup;

/**
 * What must hold whatever happens.
 *
 * <ul>
 *   <li>No node begins to take what a member of its own view has, or what a live daemon has that it reaches on the service network.
 *   <li>Two live daemons do not hold a group for longer than {@link #TWO_OWNERS_NANOS} without a new fault when they reach each other on the service network,
 *       or, wherever they are, when there is a witness or fencing.
 *   <li>Nobody goes on taking packets for what it has handed over.
 *   <li>In a quiet evening a group comes to rest.
 *   <li>No control loop comes to a state that can't be.
 *   <li>Nobody announces what it does not hold.
 *   <li>After a time without faults a group is owned when any healthy node can know that it may own it.
 * </ul>
 */
final class SimInvariants {
    /** How often a holder looks for another one while a node that may live is not heard. */
    private static final long HOLDER_CHECK = 1_000 * MILLIS;

    /** Deadtime, the period of a holder's checks, one check, and a release at its slowest. */
    static final long TWO_OWNERS_NANOS =
            SimCluster.DEADTIME + 2 * SimCluster.KEEPALIVE + HOLDER_CHECK + 100 * MILLIS + 400 * MILLIS + 100 * MILLIS;

    /** The same for a node that was frozen, from when it goes on: a check and a release. */
    static final long SLEEPER_NANOS = 100 * MILLIS + 400 * MILLIS + 100 * MILLIS;

    /** A handover that does not come to its end is given up after a second; then the address has to be removed. */
    static final long LINGERING_NANOS = 1_000 * MILLIS + 400 * MILLIS + 100 * MILLIS;

    private final SimCluster cluster;
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Long> twoSince = new LinkedHashMap<>();
    private final Map<String, Integer> takings = new LinkedHashMap<>();
    private long lastFaultNanos;

    SimInvariants(SimCluster cluster) {
        this.cluster = cluster;
    }

    List<String> violations() {
        return violations;
    }

    void fault() {
        lastFaultNanos = cluster.clock.nowNanos();
    }

    void look() {
        if (cluster.nodes.size() < 2) {
            twoSince.clear();
            return;
        }
        for (ResourceGroup group : cluster.rules.groups()) {
            String key = group.key();
            lingering(key);
            List<SimNode> holders = new ArrayList<>(2);
            for (SimNode node : cluster.nodes.values()) {
                if (node.runs() && node.groups.claim(key) != Claim.NONE) {
                    holders.add(node);
                }
            }
            if (holders.size() < 2
                    || !decidable(holders)
                    || holders.stream().anyMatch(node -> node.groups.struggles(key))) {
                twoSince.remove(key);
                continue;
            }
            long now = cluster.clock.nowNanos();
            long since = Math.max(lastFaultNanos, twoSince.computeIfAbsent(key, _ -> now));
            boolean slept = holders.stream().anyMatch(node -> node.resumedNanos == lastFaultNanos)
                    && reach(holders.get(0), holders.get(1));
            if (now - since > (slept ? SLEEPER_NANOS : TWO_OWNERS_NANOS)) {
                violate("two owners of " + key + " for " + (now - since) / MILLIS + " ms");
            }
        }
    }

    private void lingering(String key) {
        for (SimNode node : cluster.nodes.values()) {
            long awake = cluster.clock.nowNanos() - node.wentOnNanos;
            if (node.runs() && Math.min(awake, node.groups.lingersNanos(key)) > LINGERING_NANOS) {
                violate(node.name + " still takes packets for " + key + ", which it has handed over");
            }
        }
    }

    private boolean decidable(List<SimNode> holders) {
        ArbitrationRules arbitration = cluster.rules.arbitration();
        if (arbitration.witness().isPresent()) {
            return true;
        }
        SimNode a = holders.get(0);
        SimNode b = holders.get(1);
        return reach(a, b) || oneWay(a, b);
    }

    /** Who is heard by a node it does not hear is told so. */
    private boolean oneWay(SimNode a, SimNode b) {
        return cluster.links.heartbeat(a.name, b.name) != cluster.links.heartbeat(b.name, a.name);
    }

    private boolean reach(SimNode a, SimNode b) {
        return cluster.links.service(a.name, b.name) && cluster.links.service(b.name, a.name);
    }

    /** How often anybody has begun to take a group. */
    int takings(String group) {
        return takings.getOrDefault(group, 0);
    }

    void takes(SimNode node, String group) {
        takings.merge(group, 1, Integer::sum);
        for (SimNode other : cluster.nodes.values()) {
            if (other == node || other.groups.claim(group) == Claim.NONE) {
                continue;
            }
            boolean sameView =
                    other.ownership().view().id().equals(node.ownership().view().id());
            boolean quiet = cluster.clock.nowNanos() - lastFaultNanos > 100 * MILLIS;
            boolean visible = other.runs() && reach(node, other) && quiet;
            boolean fenced = cluster.rules.arbitration().fencing() && other.runs();
            if (sameView || visible || fenced) {
                violate(node.name + " takes " + group + " which " + other.name + " has ("
                        + (sameView ? "same view " : "") + (visible ? "visible " : "") + (fenced ? "not reset" : "")
                        + ")");
            }
        }
    }

    void announces(SimNode node, String group) {
        if (node.groups.claim(group) != Claim.HELD) {
            violate(node.name + " announces what it does not hold: " + group);
        }
    }

    void broken(SimNode node) {
        violate("the control state of " + node.name + " is broken");
    }

    private void violate(String what) {
        violations.add(cluster.clock.nowMillis() + " " + what);
    }

    void mustBeOwned() {
        for (ResourceGroup group : cluster.rules.groups()) {
            String key = group.key();
            boolean owned =
                    cluster.nodes.values().stream().anyMatch(n -> n.runs() && n.groups.claim(key) != Claim.NONE);
            if (!owned) {
                cluster.nodes.values().stream()
                        .filter(n -> canKnow(n, key))
                        .findFirst()
                        .ifPresent(n -> violate("nobody has " + key + " though " + n.name + " could: "
                                + n.ownership().outlooks().stream()
                                        .filter(o -> o.group().equals(key))
                                        .toList()));
            }
        }
    }

    /** A healthy node for which every other one is either heard and hears it, or is silent both ways. */
    private boolean canKnow(SimNode node, String key) {
        List<SimNode> members = new ArrayList<>();
        for (SimNode other : cluster.nodes.values()) {
            boolean there = other == node || cluster.links.heartbeat(other.name, node.name);
            boolean back = other == node || cluster.links.heartbeat(node.name, other.name);
            if (there != back || other.paused) {
                return false;
            }
            if (there) {
                members.add(other);
            }
        }
        for (SimNode a : members) {
            for (SimNode b : cluster.nodes.values()) {
                boolean inside = members.contains(b);
                if (a != b
                        && (cluster.links.heartbeat(a.name, b.name) != inside
                                || cluster.links.heartbeat(b.name, a.name) != inside)) {
                    return false; // what hears whom is no clean cut
                }
            }
        }
        ArbitrationRules arbitration = cluster.rules.arbitration();
        boolean whole = members.size() == cluster.rules.nodes().size();
        GroupStatus status = node.ownership().status().group(key);
        boolean fit = cluster.links.carrier(node.name)
                && !status.failed()
                && !cluster.rules
                        .arbitration()
                        .witness()
                        .filter(node.name::equals)
                        .isPresent()
                && !node.ownership().status().leaving();
        boolean votes = arbitration.witness().isEmpty()
                || members.size() * 2 > cluster.rules.nodes().size();
        boolean pings = arbitration.pingNodes() == 0 || whole || cluster.links.ping(node.name);
        return fit && votes && pings;
    }
}
