package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/** The Ethernet II header: destination, source, type. */
public final class Ethernet {
    public static final int HEADER = 14;
    public static final int IPV4 = 0x0800;
    public static final int IPV6 = 0x86dd;
    public static final int VLAN = 0x8100;

    private Ethernet() {}

    /** The destination address, first byte highest. */
    public static long destination(MemorySegment segment, long at) {
        return Wire.i64(segment, at) >>> 16;
    }

    /** The source address. */
    public static long source(MemorySegment segment, long at) {
        return (long) Wire.u16(segment, at + 6) << 32 | Wire.u32(segment, at + 8);
    }

    public static int type(MemorySegment segment, long at) {
        // with the source before it: a read as long as that of the destination, so that one check serves both
        return (int) Wire.i64(segment, at + 6) & 0xffff;
    }

    public static void write(MemorySegment segment, long at, long destination, long source, int type) {
        // The two writes overlap; the second is right in both.
        Wire.put64(segment, at, destination << 16);
        Wire.put64(segment, at + 6, source << 16 | type);
    }
}
