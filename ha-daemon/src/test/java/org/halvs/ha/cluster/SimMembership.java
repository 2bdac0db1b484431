package org.halvs.ha.cluster;

import static org.halvs.ha.cluster.SimClock.MILLIS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.PathEvent;
import org.halvs.ha.membership.ViewId;

/** Who hears whom, and the views that come of it: each node notices silence after deadtime, and nodes that hear each other agree on a view. */
final class SimMembership {
    /** So long before it is given up a silent node is overdue. */
    private static final long OVERDUE = 45 * MILLIS;

    /** After so long a member that does not hear a node is suspected by it ({@code GroupFormation}). */
    private static final long GRACE = 500 * MILLIS;

    private final SimCluster cluster;
    private long views;

    SimMembership(SimCluster cluster) {
        this.cluster = cluster;
    }

    void joined(SimNode node) {
        changed();
        cluster.clock.later(SimCluster.DEADTIME + 2 * SimCluster.KEEPALIVE, this::tellOneWay);
        review(5 * MILLIS);
    }

    /** A frozen daemon goes on. */
    void resumed() {
        changed();
        review(SimCluster.KEEPALIVE);
    }

    /** A daemon is no more; how soon the others know depends on how it went. */
    void gone(SimNode node, Departure how) {
        for (SimNode other : cluster.nodes.values()) {
            boolean told = how != Departure.SILENT && cluster.links.heartbeat(node.name, other.name);
            if (told && other.hears.contains(node.name)) {
                cluster.clock.later(
                        2 * MILLIS + cluster.clock.jitter(8 * MILLIS),
                        () -> other.whenAwake(() -> lose(other, node.name, how)));
            }
        }
        changed();
    }

    private void lose(SimNode node, String other, Departure how) {
        SimNode life = cluster.nodes.get(other);
        boolean backAlready = life != null && how != Departure.SILENT;
        if (!backAlready && node.hears.remove(other)) {
            node.lost.put(other, how);
            node.listener.onPath(new PathEvent.LinkChanged(other, "eth1", false));
            review(MILLIS);
        }
    }

    /** Links, machines or daemons are not what they were: silence is noticed after deadtime, a sign of life after keepalive. */
    void changed() {
        for (SimNode node : cluster.nodes.values()) {
            for (String other : cluster.rules.nodes()) {
                if (other.equals(node.name)) {
                    continue;
                }
                boolean audible = audible(other, node.name);
                if (audible && !node.hears.contains(other)) {
                    later(node, cluster.clock.jitter(SimCluster.KEEPALIVE), () -> {
                        if (audible(other, node.name) && node.hears.add(other)) {
                            node.lost.remove(other);
                            node.listener.onPath(new PathEvent.LinkChanged(other, "eth1", true));
                            review(MILLIS);
                        }
                    });
                } else if (!audible && node.hears.contains(other)) {
                    long silence = SimCluster.DEADTIME + cluster.clock.jitter(SimCluster.KEEPALIVE);
                    later(node, silence - OVERDUE, () -> {
                        if (!audible(other, node.name) && node.hears.contains(other)) {
                            node.listener.onPath(new PathEvent.Overdue(other));
                        }
                    });
                    later(node, silence, () -> {
                        if (!audible(other, node.name) && node.hears.contains(other)) {
                            lose(node, other, Departure.SILENT);
                        }
                    });
                }
            }
        }
        cluster.clock.later(SimCluster.DEADTIME + 2 * SimCluster.KEEPALIVE, this::tellOneWay);
    }

    private boolean audible(String speaker, String listener) {
        SimNode node = cluster.nodes.get(speaker);
        return node != null && node.runs() && cluster.links.heartbeat(speaker, listener);
    }

    private void later(SimNode node, long inNanos, Runnable work) {
        cluster.clock.later(inNanos, () -> node.whenAwake(work));
    }

    // --- views -------------------------------------------------------------------------------------------------------

    private void review(long inNanos) {
        cluster.clock.later(inNanos + cluster.clock.jitter(5 * MILLIS), this::installViews);
    }

    /**
     * As {@code GroupFormation} has it: all members of a view hear each other, those of a view that do not part, and two views become one only when everybody in
     * them hears everybody.
     */
    private void installViews() {
        List<List<SimNode>> groups = new ArrayList<>();
        List<SimNode> nodes = new ArrayList<>(
                cluster.nodes.values().stream().filter(SimNode::runs).toList());
        if (cluster.clock.chance(0.5)) {
            Collections.reverse(nodes); // either of two that do not hear each other may keep a third one
        }
        for (SimNode node : nodes) {
            groups.stream()
                    .filter(group -> group.getFirst().view.equals(node.view) && allHear(group, List.of(node)))
                    .findFirst()
                    .ifPresentOrElse(group -> group.add(node), () -> groups.add(new ArrayList<>(List.of(node))));
        }
        for (int i = 0; i < groups.size(); i++) {
            for (int j = groups.size() - 1; j > i; j--) {
                if (allHear(groups.get(i), groups.get(j))) {
                    groups.get(i).addAll(groups.remove(j));
                }
            }
        }
        groups.forEach(this::installIfNew);
        tellOneWay();
    }

    private static boolean allHear(List<SimNode> some, List<SimNode> others) {
        return some.stream()
                .allMatch(one -> others.stream()
                        .allMatch(other -> one.hears.contains(other.name) && other.hears.contains(one.name)));
    }

    private void installIfNew(List<SimNode> members) {
        Set<String> names = new TreeSet<>();
        members.forEach(m -> names.add(m.name));
        Set<ViewId> before = new LinkedHashSet<>();
        members.forEach(m -> before.add(m.view));
        boolean same = before.size() == 1 && names.equals(new TreeSet<>(members.getFirst().viewMembers));
        if (same) {
            return;
        }
        boolean merge = before.stream().filter(id -> id.number() > 0).count() > 1;
        ViewId id = new ViewId(members.getFirst().name, ++views);
        List<String> ordered =
                cluster.rules.nodes().stream().filter(names::contains).toList();
        for (SimNode member : members) {
            boolean keepsOld =
                    member.viewMembers.stream().anyMatch(m -> !names.contains(m) && member.hears.contains(m));
            if (!keepsOld) {
                member.keepsOldSinceNanos = -1;
            } else if (member.keepsOldSinceNanos < 0 && cluster.clock.chance(0.5)) {
                member.keepsOldSinceNanos = cluster.clock.nowNanos();
                review(GRACE); // it hears who does not hear it, and nobody tells it of a new view until it suspects
                // that one itself
            }
            if (member.keepsOldSinceNanos >= 0 && cluster.clock.nowNanos() - member.keepsOldSinceNanos < GRACE) {
                continue;
            }
            member.view = id;
            member.viewMembers = ordered;
            later(member, cluster.clock.jitter(10 * MILLIS), () -> install(member, id, ordered, merge));
        }
    }

    private void install(SimNode member, ViewId id, List<String> names, boolean merge) {
        if (id.number() <= member.installed.number()) {
            return;
        }
        Map<String, Departure> departed = new LinkedHashMap<>();
        for (String old : member.installedMembers) {
            if (!names.contains(old)) {
                departed.put(old, member.lost.getOrDefault(old, Departure.SILENT));
            }
        }
        names.forEach(member.lost::remove);
        member.installed = id;
        member.installedMembers = names;
        ClusterView view = new ClusterView(id, names, merge, departed);
        cluster.say(() -> member.name + " sees " + view + " " + departed);
        member.listener.onView(view);
        member.deaf.removeAll(departed.keySet());
        cluster.clock.later(SimCluster.KEEPALIVE, this::tellOneWay);
    }

    /** A node that was not heard within deadtime of both being there is not going to be. */
    private boolean neverHeard(SimNode speaker, SimNode node) {
        long both = Math.max(speaker.startedNanos, node.startedNanos);
        return cluster.clock.nowNanos() - both > SimCluster.DEADTIME + SimCluster.KEEPALIVE;
    }

    /** Heartbeats say whom their sender hears. */
    private void tellOneWay() {
        for (SimNode node : cluster.nodes.values()) {
            if (!node.runs()) {
                continue;
            }
            for (String other : cluster.rules.nodes()) {
                SimNode speaker = cluster.nodes.get(other);
                boolean deaf = speaker != null
                        && node.hears.contains(other)
                        && audible(other, node.name)
                        && !speaker.hears.contains(node.name)
                        && (speaker.lost.containsKey(node.name) || neverHeard(speaker, node));
                if (deaf != node.deaf.contains(other)) {
                    if (deaf) {
                        node.deaf.add(other);
                    } else {
                        node.deaf.remove(other);
                    }
                    cluster.say(() -> node.name + " hears that " + other + (deaf ? " does not hear it" : " hears it"));
                    node.listener.onPath(new PathEvent.OneWay(other, deaf));
                }
            }
        }
    }
}
