/**
 * Packet captures in files: pcap and pcapng are read, both are written. Bytes in, frames out; no decisions about packets.
 *
 * <p>Formats after draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. Both byte orders, microseconds and nanoseconds.
 */
@NullMarked
package org.halvs.ipvs.capture;

import org.jspecify.annotations.NullMarked;
