package org.halvs.ha.membership;

import java.util.List;

/**
 * The members one node sees. All members of a view see the same view.
 *
 * @param id names the view
 * @param members node names; the first has been there longest
 * @param merge whether groups that did not see each other became one with this view
 */
public record ClusterView(ViewId id, List<String> members, boolean merge) {
    public ClusterView {
        members = List.copyOf(members);
        if (members.isEmpty()) {
            throw new IllegalArgumentException("a view without members");
        }
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
