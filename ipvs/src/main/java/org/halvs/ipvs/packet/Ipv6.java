package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/** The IPv6 header (RFC 8200). */
public final class Ipv6 {
    public static final int HEADER = 40;

    public static final int HOP_BY_HOP = 0;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int AUTHENTICATION = 51;
    public static final int NO_NEXT = 59;
    public static final int DESTINATION_OPTIONS = 60;
    public static final int FRAGMENT_HEADER = 8;

    /** Every link carries packets of this size (RFC 8200 section 5). */
    public static final int MIN_MTU = 1280;

    private Ipv6() {}

    public static int trafficClass(MemorySegment s, long at) {
        return Wire.u16(s, at) >>> 4 & 0xff;
    }

    public static int payloadLength(MemorySegment s, long at) {
        return Wire.u16(s, at + 4);
    }

    public static int nextHeader(MemorySegment s, long at) {
        return Wire.u8(s, at + 6);
    }

    public static int hopLimit(MemorySegment s, long at) {
        return Wire.u8(s, at + 7);
    }

    public static void decrementHopLimit(MemorySegment s, long at) {
        Wire.put8(s, at + 7, hopLimit(s, at) - 1);
    }

    public static void rewriteSource(MemorySegment s, long at, long high, long low) {
        Wire.put64(s, at + 8, high);
        Wire.put64(s, at + 16, low);
    }

    public static void rewriteDestination(MemorySegment s, long at, long high, long low) {
        Wire.put64(s, at + 24, high);
        Wire.put64(s, at + 32, low);
    }

    /** Writes a whole header with flow label 0. */
    public static void write(
            MemorySegment s,
            long at,
            int trafficClass,
            int payloadLength,
            int nextHeader,
            int hopLimit,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow) {
        Wire.put32(s, at, 6 << 28 | trafficClass << 20);
        Wire.put16(s, at + 4, payloadLength);
        Wire.put16(s, at + 6, nextHeader << 8 | hopLimit);
        rewriteSource(s, at, sourceHigh, sourceLow);
        rewriteDestination(s, at, destinationHigh, destinationLow);
    }
}
