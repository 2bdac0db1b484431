package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.ha.cluster.ClusterWatch;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.Directive;
import org.halvs.ha.config.Medium;
import org.halvs.ha.event.Version;
import org.halvs.ha.heartbeat.ClusterFacts;
import org.halvs.ha.heartbeat.ClusterFacts.Holding;
import org.halvs.ha.heartbeat.ClusterFacts.Kind;
import org.halvs.ha.heartbeat.ClusterFacts.Link;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.PathState;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.resource.ResourceGroup;

/**
 * This node's cluster in heartbeat's terms. Pure.
 *
 * @param paths by which other nodes are heard or not; empty where that is not known, and then all of a member's links are up
 * @param pings whether each ping node answers, by its name; without an entry where that is not known
 */
record HeartbeatView(String local, ClusterConfig config, List<PathState> paths, Map<String, Boolean> pings) {
    /** What scripts compare is heartbeat's version; whose it really is stands in the brackets. */
    static final String VERSION = "3.0.6 (HALVS " + Version.text() + ")";

    ClusterFacts facts(Ownership ownership, TakeoverRules rules) {
        List<ClusterFacts.Node> nodes = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        for (Directive line : config.directives()) {
            switch (line.name()) {
                case "node" ->
                    line.arguments().stream()
                            .map(word -> word.toLowerCase(java.util.Locale.ROOT))
                            .filter(node -> rules.nodes().contains(node) && seen.add(node))
                            .forEach(node -> nodes.add(member(ownership, node)));
                case "ping" -> line.arguments().forEach(name -> nodes.add(ping(name)));
                case "ping_group" -> nodes.add(ping(line.arguments().getFirst()));
                default -> {}
            }
        }
        // those of hb_addnode are on no line
        rules.nodes().stream().filter(seen::add).forEach(node -> nodes.add(member(ownership, node)));
        return new ClusterFacts(local, VERSION, nodes.reversed(), holding(ownership, rules), config);
    }

    private ClusterFacts.Node ping(String name) {
        boolean up = pings.getOrDefault(name, true);
        return new ClusterFacts.Node(name, Kind.PING, up ? "ping" : "dead", List.of(new Link(name, up)));
    }

    private ClusterFacts.Node member(Ownership ownership, String node) {
        ClusterView view = ownership.view();
        NodeStatus own = ownership.status();
        Optional<NodeStatus> status = node.equals(local)
                ? Optional.of(own)
                : ownership.peers().stream()
                        .filter(peer -> peer.node().equals(node))
                        .findFirst();
        String state = ClusterWatch.state(view, node, status, own.settled());
        return new ClusterFacts.Node(node, Kind.NORMAL, state, links(node, view.contains(node)));
    }

    /** A link two lines of ha.cf name is one; it is up while anything is heard on it. */
    private List<Link> links(String node, boolean member) {
        Map<String, Boolean> links = new LinkedHashMap<>();
        for (Medium medium : config.media()) {
            if (!(medium instanceof Medium.Serial)) {
                boolean known = paths.stream().anyMatch(path -> path.node().equals(node));
                links.put(medium.link(), known ? heard(node, medium.link()) : member);
            }
        }
        return links.entrySet().stream()
                .map(link -> new Link(link.getKey(), link.getValue()))
                .toList()
                .reversed();
    }

    private boolean heard(String node, String link) {
        return paths.stream()
                .anyMatch(path -> path.node().equals(node) && path.link().equals(link) && path.up());
    }

    /**
     * A side nothing prefers goes with the other side: with both nodes there the one that has all there is has "local" or "foreign", alone it has
     * "all".
     */
    private Holding holding(Ownership ownership, TakeoverRules rules) {
        NodeStatus own = ownership.status();
        boolean moving = !own.settled()
                || own.groups().stream()
                        .anyMatch(group -> group.claim() == Claim.ACQUIRING || group.claim() == Claim.RELEASING);
        if (moving) {
            return Holding.TRANSITION;
        }
        List<ResourceGroup> mine = rules.groups().stream()
                .filter(group -> group.preferredNode().equals(local))
                .toList();
        List<ResourceGroup> others = rules.groups().stream()
                .filter(group -> !group.preferredNode().equals(local))
                .toList();
        boolean alone = ownership.view().members().size() == 1;
        boolean local = mine.stream().anyMatch(group -> held(own, group));
        boolean foreign = others.stream().anyMatch(group -> held(own, group));
        boolean allOthers = !others.isEmpty() && others.stream().allMatch(group -> held(own, group));
        return Holding.of(local || (mine.isEmpty() && allOthers), foreign || (others.isEmpty() && local && alone));
    }

    private static boolean held(NodeStatus own, ResourceGroup group) {
        return own.group(group.key()).claim() == Claim.HELD;
    }
}
