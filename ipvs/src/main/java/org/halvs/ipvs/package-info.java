/**
 * The nouns of IPVS: what a virtual service, a real server and a table of them are. Immutable values, no behaviour over time.
 *
 * <p>Verbs stand in the packages below: {@code scheduler} chooses, {@code connection} remembers, {@code forward} rewrites, {@code port}
 * moves bytes, {@code admin} reads and prints what ipvsadm reads and prints. Semantics are those of the kernel's
 * {@code net/netfilter/ipvs} in Linux 6.1.
 */
@NullMarked
package org.halvs.ipvs;

import org.jspecify.annotations.NullMarked;
