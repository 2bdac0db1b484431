package org.halvs.ha.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.resource.ResourceGroup;

/**
 * What an operator's standby or takeover would do to each group, a line each, before it is done. Pure.
 *
 * @param statuses the latest word of each member of the view, {@code local} included
 */
public record MovePreview(TakeoverRules rules, String local, ClusterView view, Map<String, NodeStatus> statuses) {

    /** The groups that move, and what happens to every covered one, in words. */
    public record Preview(List<String> moving, List<String> lines) {
        public Preview {
            moving = List.copyOf(moving);
            lines = List.copyOf(lines);
        }

        public String text() {
            return String.join("\n", lines) + "\n";
        }
    }

    /** {@code hb_standby}: groups go away from this node. */
    public Preview standby(Scope scope) {
        return preview(scope, group -> {
            List<String> owners = owners(group.key());
            if (!owners.contains(local)) {
                return stays(
                        group,
                        owners.isEmpty()
                                ? "is with nobody; it will not come here"
                                : "is with " + String.join(",", owners) + " already");
            }
            Optional<String> taker = view.members().stream()
                    .filter(node ->
                            !node.equals(local) && unfit(node, group.key()).isEmpty())
                    .findFirst();
            return taker.map(node -> goes(group, local, node))
                    .orElseGet(() -> stays(group, "stays: " + whyNobody(group)));
        });
    }

    /** {@code hb_takeover}: groups come to this node. */
    public Preview takeover(Scope scope) {
        return preview(scope, group -> {
            List<String> owners = owners(group.key());
            if (owners.equals(List.of(local))) {
                return stays(group, "is with " + local + " already");
            }
            Optional<String> why = unready(local);
            return why.map(reason -> stays(group, "stays: " + reason))
                    .orElseGet(() -> goes(group, owners.isEmpty() ? "nobody" : String.join(",", owners), local));
        });
    }

    private record Line(Optional<String> moving, String text) {}

    private Preview preview(Scope scope, java.util.function.Function<ResourceGroup, Line> line) {
        List<String> moving = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (ResourceGroup group : rules.groups()) {
            if (scope.covers(local, group.preferredNode())) {
                Line answer = line.apply(group);
                answer.moving().ifPresent(moving::add);
                lines.add(answer.text());
            }
        }
        if (lines.isEmpty()) {
            lines.add("no group of haresources is meant by " + scope.name().toLowerCase(java.util.Locale.ROOT));
        }
        return new Preview(moving, lines);
    }

    private static Line stays(ResourceGroup group, String how) {
        return new Line(Optional.empty(), group.key() + " " + how);
    }

    private static Line goes(ResourceGroup group, String from, String to) {
        int others = group.resources().size() - 1;
        String with = others == 0 ? "" : others == 1 ? " with 1 more resource" : " with " + others + " more resources";
        return new Line(Optional.of(group.key()), group.key() + with + " goes from " + from + " to " + to);
    }

    private List<String> owners(String key) {
        return view.members().stream()
                .filter(node -> statuses.containsKey(node)
                        && statuses.get(node).group(key).claim() != Claim.NONE)
                .toList();
    }

    private String whyNobody(ResourceGroup group) {
        List<String> others =
                rules.nodes().stream().filter(node -> !node.equals(local)).toList();
        return others.isEmpty()
                ? "there is no other node"
                : String.join(
                        ", ",
                        others.stream()
                                .map(node -> unfit(node, group.key()).orElse(node + " could take it"))
                                .toList());
    }

    private Optional<String> unfit(String node, String key) {
        return unready(node)
                .or(() -> Optional.ofNullable(statuses.get(node))
                        .filter(status -> status.group(key).failed())
                        .map(_ -> "its start failed on " + node));
    }

    private Optional<String> unready(String node) {
        NodeStatus status = statuses.get(node);
        if (!view.contains(node)) {
            return Optional.of(node + " is not there");
        }
        if (status == null) {
            return Optional.of(node + " has not said anything yet");
        }
        if (status.leaving()) {
            return Optional.of(node + " is shutting down");
        }
        return status.ready() ? Optional.empty() : Optional.of(node + " is not ready");
    }
}
