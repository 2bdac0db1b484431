package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/** The TCP header (RFC 9293). */
public final class Tcp {
    public static final int HEADER = 20;
    public static final int FLAGS = 13;
    public static final int CHECKSUM = 16;
    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int CWR = 0x80;

    private Tcp() {}

    public static long sequence(MemorySegment s, long at) {
        return Wire.u32(s, at + 4);
    }

    public static long acknowledgement(MemorySegment s, long at) {
        return Wire.u32(s, at + 8);
    }

    public static int headerLength(MemorySegment s, long at) {
        return (Wire.u8(s, at + 12) >>> 4) * 4;
    }

    public static int flags(MemorySegment s, long at) {
        return Wire.u8(s, at + FLAGS);
    }

    public static int checksum(MemorySegment s, long at) {
        return Wire.u16(s, at + CHECKSUM);
    }
}
