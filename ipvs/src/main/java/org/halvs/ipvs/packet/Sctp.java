package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/** The SCTP header (RFC 9260) and its CRC32c. */
public final class Sctp {
    public static final int HEADER = 12;
    public static final int CHECKSUM = 8;
    public static final int DATA = 0;
    public static final int INIT = 1;
    public static final int INIT_ACK = 2;
    public static final int ABORT = 6;
    public static final int SHUTDOWN = 7;
    public static final int SHUTDOWN_ACK = 8;
    public static final int ERROR = 9;
    public static final int COOKIE_ECHO = 10;
    public static final int COOKIE_ACK = 11;
    public static final int SHUTDOWN_COMPLETE = 14;

    private static final int[] CRC = crcTable();

    private Sctp() {}

    private static int[] crcTable() {
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
            }
            table[i] = crc;
        }
        return table;
    }

    /** Computes the checksum of a packet of {@code length} bytes anew; it stands in little-endian order (RFC 9260 appendix A). */
    public static void writeChecksum(MemorySegment s, long at, long length) {
        Wire.put32(s, at + CHECKSUM, 0);
        int crc = -1;
        for (long i = 0; i < length; i++) {
            crc = crc >>> 8 ^ CRC[(crc ^ Wire.u8(s, at + i)) & 0xff];
        }
        Wire.put32(s, at + CHECKSUM, Integer.reverseBytes(~crc));
    }
}
