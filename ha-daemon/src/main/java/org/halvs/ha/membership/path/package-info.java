/**
 * How the nodes hear each other: one envelope for all datagrams, the sockets of every medium of ha.cf, heartbeats, and the decision who is heard.
 *
 * <p>{@link org.halvs.ha.membership.path.ClusterPaths} is the door. The thread {@code paths} owns everything behind it and tells what it found to one
 * listener, which only enqueues. {@link org.halvs.ha.membership.path.PathMonitor} and {@link org.halvs.ha.membership.path.EndConfirmation} decide, with time
 * as a parameter. Nothing here knows JGroups.
 *
 * <p>Sources: heartbeat's ha.cf (keepalive, warntime, deadtime, udpport, the media), RFC 2104 (HMAC), RFC 4303 section 3.4.3 (sliding window).
 */
@NullMarked
package org.halvs.ha.membership.path;

import org.jspecify.annotations.NullMarked;
