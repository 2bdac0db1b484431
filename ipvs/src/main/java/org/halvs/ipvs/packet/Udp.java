package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/** The UDP header (RFC 768). */
public final class Udp {
    public static final int HEADER = 8;
    public static final int CHECKSUM = 6;
    /** The port of the key exchange of IPsec, named after its first protocol (IANA). */
    public static final int ISAKMP = 500;

    private Udp() {}

    public static int length(MemorySegment s, long at) {
        return Wire.u16(s, at + 4);
    }

    public static int checksum(MemorySegment s, long at) {
        return Wire.u16(s, at + CHECKSUM);
    }

    /** What stands on the wire for a computed checksum: 0 would mean "none", so it is sent as its other form. */
    public static int onWire(int checksum) {
        return checksum == 0 ? 0xffff : checksum;
    }
}
