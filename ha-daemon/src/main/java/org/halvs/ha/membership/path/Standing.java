package org.halvs.ha.membership.path;

import java.util.Optional;

/**
 * What the group layer wants peers to know of this node.
 *
 * @param flags of {@link Heartbeat}
 */
record Standing(Optional<GroupView> view, int flags) {}
