/**
 * Firewall marks for packets that no packet filter has marked where we see them: rules, the table made of them, and the reading of
 * {@code iptables -j MARK} rules.
 *
 * <p>Marks follow {@code xt_mark} (iptables-extensions(8)): every rule that matches changes the mark in turn. A {@link org.halvs.ipvs.mark.MarkTable}
 * is immutable and costs no allocation per packet.
 */
@NullMarked
package org.halvs.ipvs.mark;

import org.jspecify.annotations.NullMarked;
