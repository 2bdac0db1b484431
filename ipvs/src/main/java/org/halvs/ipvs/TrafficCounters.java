package org.halvs.ipvs;

/**
 * What has passed since the start or the last zeroing. Bytes count whole IP packets, header included; outbound figures are seen for
 * masqueraded servers only.
 *
 * @param connections scheduled connections; with one-packet scheduling every datagram is one
 */
public record TrafficCounters(long connections, long inPackets, long outPackets, long inBytes, long outBytes) {
    public static final TrafficCounters ZERO = new TrafficCounters(0, 0, 0, 0, 0);
}
