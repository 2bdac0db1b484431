package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.halvs.ha.event.Version;
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
    private final List<String> nodes;
    private final ForwardingPlane plane;
    private final ClusterNode cluster;
    private final Directors directors;
    private final Supplier<SyncStatus> sync;

    StatusReader(
            String name,
            List<String> nodes,
            ForwardingPlane plane,
            ClusterNode cluster,
            Directors directors,
            Supplier<SyncStatus> sync) {
        this.name = name;
        this.nodes = List.copyOf(nodes);
        this.plane = plane;
        this.cluster = cluster;
        this.directors = directors;
        this.sync = sync;
    }

    NodeSnapshot read() {
        Ownership ownership = cluster.ownership();
        List<NodeSnapshot.Member> members = nodes.stream()
                .map(node -> new NodeSnapshot.Member(node, state(ownership, node)))
                .toList();
        List<NodeSnapshot.Group> groups = new ArrayList<>();
        for (Outlook outlook : ownership.outlooks()) {
            cluster.rules().group(outlook.group()).ifPresent(group -> groups.add(group(ownership, group, outlook)));
        }
        List<NodeSnapshot.Configuration> configurations = directors.status().stream()
                .map(status ->
                        new NodeSnapshot.Configuration(status.configuration(), status.active(), status.services()))
                .toList();
        return new NodeSnapshot(name, Version.text(), plane.description(), members, groups, configurations, sync.get());
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
