package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/**
 * The Internet checksum (RFC 1071), computed whole or updated for a changed part (RFC 1624). A <em>sum</em> is a running one's complement sum
 * that may exceed 16 bits; {@link #finish} makes of it what stands in a header.
 */
public final class Checksum {
    private Checksum() {}

    /** Adds {@code length} bytes to a sum; an odd last byte counts as the high half of a word. */
    public static long sum(MemorySegment segment, long at, long length, long sum) {
        long position = at;
        long end = at + length;
        long total = sum;
        while (position + 8 <= end) {
            long word = Wire.i64(segment, position);
            total += (word >>> 32) + (word & 0xffffffffL);
            position += 8;
        }
        while (position + 2 <= end) {
            total += Wire.u16(segment, position);
            position += 2;
        }
        if (position < end) {
            total += Wire.u8(segment, position) << 8;
        }
        return total;
    }

    /** A sum folded to 16 bits, not complemented. */
    public static int fold(long sum) {
        // A number plus itself with its halves changed over has in its upper half their sum with the carry added.
        int half = (int) (sum + Long.rotateLeft(sum, 32) >>> 32);
        return half + Integer.rotateLeft(half, 16) >>> 16;
    }

    /** The checksum of a sum: folded and complemented. */
    public static int finish(long sum) {
        return ~fold(sum) & 0xffff;
    }

    /** The sum of a 64-bit word's four halves. */
    public static long words(long value) {
        return (value >>> 32) + (value & 0xffffffffL);
    }

    /**
     * What has to be added to the complement of a checksum when a 64-bit part of what it covers changes (RFC 1624 equation 3: {@code ~m + m'}).
     * Parts of 32 or 16 bits are given as numbers of that size.
     */
    public static long change(long before, long after) {
        return words(~before) + words(after);
    }

    /** A checksum after a change collected with {@link #change}. */
    public static int update(int checksum, long change) {
        return finish((~checksum & 0xffff) + change);
    }

    /**
     * The field of a partial checksum (a pseudo-header's sum, not complemented) after a change of the pseudo-header.
     */
    public static int updatePartial(int field, long change) {
        return fold(field + change);
    }

    /** The sum of the pseudo-header of RFC 768/793 (IPv4) or RFC 8200 section 8.1 (IPv6); IPv4 addresses in the lower words. */
    public static long pseudoHeader(
            long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, int protocol, long length) {
        return words(sourceHigh)
                + words(sourceLow)
                + words(destinationHigh)
                + words(destinationLow)
                + protocol
                + (length >>> 16)
                + (length & 0xffff);
    }
}
