/**
 * Who is there: a port, kept at a handful of methods, and its twin in memory for tests. {@code jgroups} is the implementation, {@code path} what it sends on.
 *
 * <p>Threads: implementations call the {@link org.halvs.ha.membership.MembershipListener} on threads of their own, one call at a time; the listener only
 * enqueues. Names are the node names of ha.cf; nothing of JGroups is seen from outside.
 */
@NullMarked
package org.halvs.ha.membership;

import org.jspecify.annotations.NullMarked;
