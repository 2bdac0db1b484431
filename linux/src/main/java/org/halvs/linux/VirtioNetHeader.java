package org.halvs.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The fields of {@code struct virtio_net_hdr} ({@code include/uapi/linux/virtio_net.h}), by which packet sockets and TUN devices say what a
 * frame leaves to the card: a checksum to finish, a super-packet to cut. The 16-bit fields are in this machine's order.
 */
public final class VirtioNetHeader {
    /** The size of the header. */
    public static final int BYTES = 10;

    /** Flag: the checksum from {@link #checksumStart} on has to be finished. */
    public static final int NEEDS_CHECKSUM = 1;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private VirtioNetHeader() {}

    public static int flags(MemorySegment segment, long at) {
        return segment.get(ValueLayout.JAVA_BYTE, at);
    }

    /** 0 for an ordinary frame; 1, 4 and 5 for a TCP/IPv4, TCP/IPv6 and UDP super-packet, 3 for UDP fragments; 0x80 added for TCP with CWR. */
    public static int gsoType(MemorySegment segment, long at) {
        return segment.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff;
    }

    /** The bytes before the payload of a super-packet, from the start of the frame; a hint. */
    public static int headerLength(MemorySegment segment, long at) {
        return segment.get(SHORT, at + 2) & 0xffff;
    }

    /** The payload bytes of each segment. */
    public static int gsoSize(MemorySegment segment, long at) {
        return segment.get(SHORT, at + 4) & 0xffff;
    }

    /** Where summing begins, in bytes from the start of the frame. */
    public static int checksumStart(MemorySegment segment, long at) {
        return segment.get(SHORT, at + 6) & 0xffff;
    }

    /** Where the checksum stands, in bytes from {@link #checksumStart}. */
    public static int checksumOffset(MemorySegment segment, long at) {
        return segment.get(SHORT, at + 8) & 0xffff;
    }

    /** Writes the header of a frame that is complete as it stands. */
    public static void writeNone(MemorySegment segment, long at) {
        segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, 0);
        segment.set(SHORT, at + 8, (short) 0);
    }

    /** Writes all fields; see the readers for their meaning. */
    public static void write(
            MemorySegment segment,
            long at,
            int flags,
            int gsoType,
            int headerLength,
            int gsoSize,
            int checksumStart,
            int checksumOffset) {
        segment.set(ValueLayout.JAVA_BYTE, at, (byte) flags);
        segment.set(ValueLayout.JAVA_BYTE, at + 1, (byte) gsoType);
        segment.set(SHORT, at + 2, (short) headerLength);
        segment.set(SHORT, at + 4, (short) gsoSize);
        segment.set(SHORT, at + 6, (short) checksumStart);
        segment.set(SHORT, at + 8, (short) checksumOffset);
    }
}
