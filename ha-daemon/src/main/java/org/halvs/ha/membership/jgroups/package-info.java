/**
 * The membership carried by JGroups: views, and messages that reach each member once and in order, over
 * {@link org.halvs.ha.membership.path.ClusterPaths}.
 *
 * <p>JGroups finds nobody and suspects nobody by itself here. Heartbeats do: who is there when a node starts, who is gone, and which groups have to become
 * one are answered by {@link org.halvs.ha.membership.jgroups.HeartbeatDiscovery} and {@link org.halvs.ha.membership.jgroups.GroupFormation} from what the
 * paths found. JGroups does the rest: agree on the view, order and repeat messages.
 *
 * <p>Threads: {@code membership} takes what the paths found, one after the other, and calls the listener of paths; JGroups calls that of views and messages.
 * The listener hears one call at a time. Nothing here is called by the thread {@code paths}, which must not wait for anybody.
 */
@NullMarked
package org.halvs.ha.membership.jgroups;

import org.jspecify.annotations.NullMarked;
