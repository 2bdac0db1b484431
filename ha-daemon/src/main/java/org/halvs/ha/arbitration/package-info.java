/**
 * What {@link org.halvs.ha.takeover.Ownership} asks of the world before it takes or keeps a group: who has the group's addresses on their own network
 * ({@link org.halvs.ha.arbitration.ClaimNetwork}), which ping nodes answer ({@link org.halvs.ha.arbitration.PingNodes}), that a node be reset
 * ({@link org.halvs.ha.arbitration.Fencing}), and that this machine be reset when nobody decides any more ({@link org.halvs.ha.arbitration.Watchdog}). Each
 * stands behind a small interface with a twin in memory. Nothing is decided here.
 */
@NullMarked
package org.halvs.ha.arbitration;

import org.jspecify.annotations.NullMarked;
