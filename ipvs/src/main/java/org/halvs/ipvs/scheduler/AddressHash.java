package org.halvs.ipvs.scheduler;

import org.halvs.linux.IpAddress;

/** The hash functions of the kernel's hashing schedulers. */
final class AddressHash {
    /** 2^32 divided by the golden ratio ({@code include/linux/hash.h}). */
    private static final int GOLDEN = 0x61c88647;

    private AddressHash() {}

    /** An address as one word: an IPv4 address itself, the four words of an IPv6 address combined by exclusive or. */
    static int word(boolean ipv4, long high, long low) {
        return ipv4 ? (int) low : (int) (high >>> 32) ^ (int) high ^ (int) (low >>> 32) ^ (int) low;
    }

    static int word(IpAddress address) {
        return word(address.isIpv4(), address.high(), address.low());
    }

    /** {@code hash_32}: the upper {@code bits} of a multiplication. */
    static int hash32(int value, int bits) {
        return value * GOLDEN >>> 32 - bits;
    }

    /**
     * {@code hsiphash} of one word on a 64-bit kernel: SipHash-1-3 with a 128-bit key, shortened to 32 bits ({@code lib/siphash.c}).
     */
    static long sipHash(int value, long key0, long key1) {
        long v0 = 0x736f6d6570736575L ^ key0;
        long v1 = 0x646f72616e646f6dL ^ key1;
        long v2 = 0x6c7967656e657261L ^ key0;
        long v3 = 0x7465646279746573L ^ key1;
        long block = 4L << 56 | value & 0xffffffffL;
        v3 ^= block;
        for (int round = 0; round < 4; round++) {
            if (round == 1) {
                v0 ^= block;
                v2 ^= 0xff;
            }
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
        }
        return (v0 ^ v1 ^ v2 ^ v3) & 0xffffffffL;
    }
}
