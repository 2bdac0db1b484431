/**
 * Packets as bytes: where the fields of Ethernet, IP, TCP, UDP, SCTP and ICMP headers stand, and the checksums over them. Static functions over
 * memory; nothing here knows a connection.
 */
@NullMarked
package org.halvs.ipvs.packet;

import org.jspecify.annotations.NullMarked;
