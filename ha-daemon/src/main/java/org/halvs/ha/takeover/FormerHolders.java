package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Departure;

/**
 * Which other node had each group last, and whether that node can still be reached on the group's network by anybody. Pure; confined to the control loop.
 */
public final class FormerHolders {
    private final Map<String, String> holders = new LinkedHashMap<>();
    /** Groups a node said that it can't serve just now: its interface has no carrier. */
    private final Map<String, Set<String>> unfit = new LinkedHashMap<>();

    private final Set<String> silent = new LinkedHashSet<>();

    /**
     * What a status came to.
     *
     * @param held groups the node has since now
     * @param fit whether the node can serve a group again that it could not serve before
     */
    public record News(List<String> held, boolean fit) {}

    /** A node says what it has. */
    public News heard(NodeStatus status) {
        String node = status.node();
        List<String> held = new ArrayList<>();
        Set<String> unfitNow = new LinkedHashSet<>();
        for (GroupStatus group : status.groups()) {
            if (!group.unfit().isEmpty()) {
                unfitNow.add(group.group());
            }
            if (group.claim() == Claim.HELD && !node.equals(holders.put(group.group(), node))) {
                held.add(group.group());
            }
        }
        // what it gave up although it could have kept it, it has handed over
        holders.entrySet()
                .removeIf(e -> e.getValue().equals(node)
                        && status.group(e.getKey()).claim() == Claim.NONE
                        && !unfitNow.contains(e.getKey()));
        Set<String> before = unfit.put(node, unfitNow);
        return new News(held, before != null && !unfitNow.containsAll(before));
    }

    /** A view was installed. */
    public void viewInstalled(ClusterView view) {
        silent.removeAll(view.members());
        view.departed().forEach((node, how) -> {
            if (how == Departure.SILENT) {
                silent.add(node);
            } else {
                silent.remove(node);
                holders.values().removeIf(node::equals);
            }
            unfit.remove(node);
        });
    }

    /** The node a group comes from that this one takes now, when it can't be reached on the group's network; empty when it can, or handed it over. */
    public Optional<String> unreachable(String group) {
        return Optional.ofNullable(holders.get(group))
                .filter(node -> silent.contains(node)
                        || unfit.getOrDefault(node, Set.of()).contains(group));
    }

    /** The group is here. */
    public void taken(String group) {
        holders.remove(group);
    }
}
