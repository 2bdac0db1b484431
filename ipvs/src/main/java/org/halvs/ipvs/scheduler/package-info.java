/**
 * The scheduling algorithms, each in its own file: which real server gets a new connection. They decide as the kernel's
 * {@code net/netfilter/ipvs/ip_vs_*.c} do, down to the order in which equals are looked at.
 *
 * <p>A scheduler's state belongs to one service and one thread.
 */
@NullMarked
package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.NullMarked;
