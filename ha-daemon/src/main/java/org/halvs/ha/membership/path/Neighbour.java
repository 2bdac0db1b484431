package org.halvs.ha.membership.path;

import java.util.Optional;
import java.util.Set;

/**
 * A node that is heard, and what its heartbeats say.
 *
 * @param node its name
 * @param view the view it has; empty as long as it has none
 * @param twoWay whether it hears this life of this node
 * @param hears the nodes it hears on any path
 * @param leaving whether it is about to leave
 */
public record Neighbour(
        String node, NodeId id, Optional<GroupView> view, boolean twoWay, Set<NodeId> hears, boolean leaving) {
    public Neighbour {
        hears = Set.copyOf(hears);
    }

    /** Whether it coordinates the view it has. */
    public boolean coordinates() {
        return view.isPresent() && view.get().coordinator().equals(id);
    }
}
