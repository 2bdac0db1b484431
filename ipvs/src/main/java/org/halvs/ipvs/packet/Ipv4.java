package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/** The IPv4 header (RFC 791). */
public final class Ipv4 {
    /** Length of a header without options. */
    public static final int HEADER = 20;

    public static final int DONT_FRAGMENT = 0x4000;
    public static final int MORE_FRAGMENTS = 0x2000;
    public static final int OFFSET_MASK = 0x1fff;

    private Ipv4() {}

    public static int version(MemorySegment s, long at) {
        return Wire.u8(s, at) >>> 4;
    }

    public static int headerLength(MemorySegment s, long at) {
        return (Wire.u8(s, at) & 0xf) * 4;
    }

    public static int tos(MemorySegment s, long at) {
        return Wire.u8(s, at + 1);
    }

    public static int totalLength(MemorySegment s, long at) {
        return Wire.u16(s, at + 2);
    }

    public static int id(MemorySegment s, long at) {
        return Wire.u16(s, at + 4);
    }

    /** Flags and fragment offset as they stand, offset in units of eight bytes. */
    public static int fragment(MemorySegment s, long at) {
        return Wire.u16(s, at + 6);
    }

    public static boolean dontFragment(MemorySegment s, long at) {
        return (fragment(s, at) & DONT_FRAGMENT) != 0;
    }

    public static int ttl(MemorySegment s, long at) {
        return Wire.u8(s, at + 8);
    }

    public static int protocol(MemorySegment s, long at) {
        return Wire.u8(s, at + 9);
    }

    public static int checksum(MemorySegment s, long at) {
        return Wire.u16(s, at + 10);
    }

    public static long source(MemorySegment s, long at) {
        return Wire.u32(s, at + 12);
    }

    public static long destination(MemorySegment s, long at) {
        return Wire.u32(s, at + 16);
    }

    /** Computes the header checksum anew. */
    public static void writeChecksum(MemorySegment s, long at) {
        Wire.put16(s, at + 10, 0);
        Wire.put16(s, at + 10, Checksum.finish(Checksum.sum(s, at, headerLength(s, at), 0)));
    }

    /** Takes one off the time to live and updates the checksum, which grows by as much as the header's sum shrinks. */
    public static void decrementTtl(MemorySegment s, long at) {
        int word = Wire.i32(s, at + 8);
        int checksum = (word & 0xffff) + 0x100;
        checksum += checksum >= 0xffff ? 1 : 0;
        Wire.put32(s, at + 8, word - 0x0100_0000 & 0xffff_0000 | checksum & 0xffff);
    }

    /** Replaces the source address and updates the checksum. */
    public static void rewriteSource(MemorySegment s, long at, long address) {
        rewriteSource(s, at, address, Checksum.change(source(s, at), address));
    }

    /** Replaces the source address, whose {@link Checksum#change} is known. */
    public static void rewriteSource(MemorySegment s, long at, long address, long change) {
        Wire.put32(s, at + 12, (int) address);
        Wire.put16(s, at + 10, Checksum.update(checksum(s, at), change));
    }

    /** Replaces the destination address and updates the checksum. */
    public static void rewriteDestination(MemorySegment s, long at, long address) {
        rewriteDestination(s, at, address, Checksum.change(destination(s, at), address));
    }

    /** Replaces the destination address, whose {@link Checksum#change} is known. */
    public static void rewriteDestination(MemorySegment s, long at, long address, long change) {
        Wire.put32(s, at + 16, (int) address);
        Wire.put16(s, at + 10, Checksum.update(checksum(s, at), change));
    }

    /**
     * Sends the packet of a header without options on: takes one off the time to live, and replaces the destination and, in the same write, the four
     * bytes behind the header, a transport's ports. Leaves what {@link #decrementTtl} and {@link #rewriteDestination(MemorySegment, long, long, long)}
     * leave.
     *
     * @param change of the destination, by {@link Checksum#change}
     */
    public static void sendOn(MemorySegment s, long at, long address, int ports, long change) {
        long word = Wire.i64(s, at + 8);
        long checksum = Checksum.update((int) (word >>> 32) & 0xffff, change + (~0x100 & 0xffff));
        Wire.put64(s, at + 8, word - (1L << 56) & ~0xffff_0000_0000L | checksum << 32);
        Wire.put64(s, at + 16, address << 32 | ports & 0xffffffffL);
    }

    /** Makes a header one of {@code length} bytes, a multiple of 4, with the options that stand behind its first 20; checksum included. */
    public static void writeHeaderLength(MemorySegment s, long at, int length) {
        Wire.put8(s, at, 0x40 | length / 4);
        writeChecksum(s, at);
    }

    /** Writes a whole header without options, checksum included. */
    public static void write(
            MemorySegment s,
            long at,
            int tos,
            int totalLength,
            int id,
            int fragment,
            int ttl,
            int protocol,
            long source,
            long destination) {
        Wire.put16(s, at, 0x4500 | tos);
        Wire.put16(s, at + 2, totalLength);
        Wire.put16(s, at + 4, id);
        Wire.put16(s, at + 6, fragment);
        Wire.put16(s, at + 8, ttl << 8 | protocol);
        Wire.put32(s, at + 12, (int) source);
        Wire.put32(s, at + 16, (int) destination);
        writeChecksum(s, at);
    }
}
