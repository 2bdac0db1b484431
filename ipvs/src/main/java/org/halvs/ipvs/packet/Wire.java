package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Numbers in network byte order at any alignment. All reads are unsigned. */
public final class Wire {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Wire() {}

    public static int u8(MemorySegment segment, long at) {
        return segment.get(BYTE, at) & 0xff;
    }

    public static int u16(MemorySegment segment, long at) {
        return segment.get(SHORT, at) & 0xffff;
    }

    /** Four bytes as a signed int, first byte highest. */
    public static int i32(MemorySegment segment, long at) {
        return segment.get(INT, at);
    }

    public static long u32(MemorySegment segment, long at) {
        return segment.get(INT, at) & 0xffffffffL;
    }

    public static long i64(MemorySegment segment, long at) {
        return segment.get(LONG, at);
    }

    public static void put8(MemorySegment segment, long at, int value) {
        segment.set(BYTE, at, (byte) value);
    }

    public static void put16(MemorySegment segment, long at, int value) {
        segment.set(SHORT, at, (short) value);
    }

    public static void put32(MemorySegment segment, long at, int value) {
        segment.set(INT, at, value);
    }

    public static void put64(MemorySegment segment, long at, long value) {
        segment.set(LONG, at, value);
    }

    /** Copies bytes; the ranges may overlap. */
    public static void copy(MemorySegment from, long fromAt, MemorySegment to, long toAt, long length) {
        MemorySegment.copy(from, fromAt, to, toAt, length);
    }

    public static void zero(MemorySegment segment, long at, int length) {
        for (int i = 0; i < length; i++) {
            segment.set(BYTE, at + i, (byte) 0);
        }
    }
}
