/**
 * Who is there: a port in front of JGroups, kept at a handful of methods, and its twin in memory for tests.
 *
 * <p>Threads: implementations call the {@link org.halvs.ha.membership.MembershipListener} on threads of their own, one call at a time; the listener only
 * enqueues. Names are the node names of ha.cf; nothing else of JGroups leaves this package.
 *
 * <p>The transport sends on one path. The one that sends every packet on every path of ha.cf, with addresses that do not depend on a link, takes its
 * place below {@code MessageAuthenticator} when it is built; nothing above that protocol knows how packets travel.
 */
@NullMarked
package org.halvs.ha.membership;

import org.jspecify.annotations.NullMarked;
