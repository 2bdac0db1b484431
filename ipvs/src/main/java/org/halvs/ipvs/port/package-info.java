/**
 * Where frames come from and go to: {@link org.halvs.ipvs.port.PacketPort}, one for each network interface, with a Linux implementation on
 * packet sockets and a twin in memory.
 *
 * <p>A port belongs to the worker thread that uses it; only its counters may be read by others. Rules of packet sockets: {@code packet(7)} and
 * {@code Documentation/networking/packet_mmap.rst}.
 */
@NullMarked
package org.halvs.ipvs.port;

import org.jspecify.annotations.NullMarked;
