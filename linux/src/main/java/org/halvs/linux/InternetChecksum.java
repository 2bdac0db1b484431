package org.halvs.linux;

/** The checksum of IP, ICMP, TCP and UDP (RFC 1071), for the few packets this package builds itself. */
final class InternetChecksum {
    private InternetChecksum() {}

    /** The sum of the 16-bit words from {@code offset} on; an odd last byte counts as the upper half of a word. */
    static long sum(byte[] bytes, int offset, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            int value = bytes[offset + i] & 0xff;
            sum += (i & 1) == 0 ? value << 8 : value;
        }
        return sum;
    }

    /** The one's complement of a sum. */
    static short fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (short) ~folded;
    }
}
