package org.halvs.ha.membership;

import java.util.List;
import java.util.Map;

/**
 * The members one node sees. All members of a view see the same members under the same id.
 *
 * @param id names the view
 * @param members node names; the first has been there longest
 * @param merge whether groups that did not see each other became one with this view
 * @param departed the nodes that were members of the view before and are none of this one, and how each went; what one node knows of that need not
 *     be what another knows
 */
public record ClusterView(ViewId id, List<String> members, boolean merge, Map<String, Departure> departed) {
    public ClusterView {
        members = List.copyOf(members);
        departed = Map.copyOf(departed);
        if (members.isEmpty()) {
            throw new IllegalArgumentException("a view without members");
        }
    }

    /** A view nobody went missing in. */
    public ClusterView(ViewId id, List<String> members, boolean merge) {
        this(id, members, merge, Map.of());
    }

    public boolean contains(String node) {
        return members.contains(node);
    }

    /** {@code alice|3 [alice, bob]}. */
    @Override
    public String toString() {
        return id + " " + members + (merge ? " (merge)" : "");
    }
}
