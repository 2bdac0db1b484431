package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.event.Version;
import org.halvs.ha.heartbeat.ClusterFacts;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.sync.SyncStatus;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.TakeoverPlan.Outlook;
import org.halvs.ipvs.plane.ForwardingPlane;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/** Puts the status of this node together. Confined to the control thread. */
final class StatusReader {
    private final String name;
    private final RunningFiles running;
    private final ForwardingPlane plane;
    private final ClusterNode cluster;
    private final Directors directors;
    private final Membership membership;
    private final Supplier<SyncStatus> sync;
    private final Supplier<Map<String, Boolean>> pings;
    private final Supplier<List<ServerOrder>> orders;

    StatusReader(
            String name,
            RunningFiles running,
            ForwardingPlane plane,
            ClusterNode cluster,
            Directors directors,
            Membership membership,
            Supplier<SyncStatus> sync,
            Supplier<Map<String, Boolean>> pings,
            Supplier<List<ServerOrder>> orders) {
        this.name = name;
        this.running = running;
        this.plane = plane;
        this.cluster = cluster;
        this.directors = directors;
        this.membership = membership;
        this.sync = sync;
        this.pings = pings;
        this.orders = orders;
    }

    /** The cluster in heartbeat's terms. */
    ClusterFacts facts() {
        return new HeartbeatView(name, running.cluster().config(), membership.paths(), pings.get())
                .facts(cluster.ownership(), cluster.rules());
    }

    NodeSnapshot read() {
        Ownership ownership = cluster.ownership();
        List<NodeSnapshot.Member> members = running.cluster().config().nodes().stream()
                .map(node -> new NodeSnapshot.Member(
                        node, state(ownership, node), ownership.differences().getOrDefault(node, List.of())))
                .toList();
        List<NodeSnapshot.Path> paths = membership.paths().stream()
                .map(path -> new NodeSnapshot.Path(
                        path.node(),
                        path.link(),
                        path.up(),
                        path.heard(),
                        path.silence().toMillis()))
                .toList();
        Map<String, Boolean> answering = pings.get();
        List<NodeSnapshot.Ping> pingNodes = running.cluster().config().pings().stream()
                .map(ping -> new NodeSnapshot.Ping(ping.name(), Optional.ofNullable(answering.get(ping.name()))))
                .toList();
        List<NodeSnapshot.Group> groups = new ArrayList<>();
        for (Outlook outlook : ownership.outlooks()) {
            cluster.rules().group(outlook.group()).ifPresent(group -> groups.add(group(ownership, group, outlook)));
        }
        List<NodeSnapshot.Configuration> configurations = directors.status().stream()
                .map(status ->
                        new NodeSnapshot.Configuration(status.configuration(), status.active(), status.services()))
                .toList();
        List<NodeSnapshot.Order> ordered = orders.get().stream()
                .map(order -> new NodeSnapshot.Order(order.name(), order.text(), order.node(), order.version()))
                .toList();
        return new NodeSnapshot(
                name,
                Version.text(),
                plane.description(),
                members,
                paths,
                pingNodes,
                groups,
                configurations,
                ordered,
                sync.get());
    }

    private static NodeSnapshot.Group group(Ownership ownership, ResourceGroup group, Outlook outlook) {
        String here = ownership.status().group(outlook.group()).claim().name().toLowerCase(Locale.ROOT);
        List<String> resources =
                group.resources().stream().map(ResourceSpec::text).toList();
        return new NodeSnapshot.Group(
                group.key(), group.preferredNode(), resources, outlook.owner(), here, outlook.reason());
    }

    private String state(Ownership ownership, String node) {
        if (node.equals(name)) {
            return state(ownership.status()) + " (this node)";
        }
        if (!ownership.view().contains(node)) {
            return "dead";
        }
        return ownership.peers().stream()
                .filter(peer -> peer.node().equals(node))
                .map(StatusReader::state)
                .findFirst()
                .orElse("up");
    }

    private static String state(NodeStatus status) {
        if (status.leaving()) {
            return "leaving";
        }
        return status.ready() && status.settled() ? "active" : "up, not settled";
    }
}
