package org.halvs.ipvs.forward;

import java.util.Arrays;

/**
 * How many ICMP errors may be sent: to one receiver six at once and then one a second, and fifty at once and then a thousand a second to all
 * ({@code icmp_ratelimit}, {@code icmp_msgs_per_sec} and their IPv6 kin at their defaults). Receivers share buckets by chance; there are always as
 * many as {@link #BUCKETS}, so that a flood of made-up senders takes no memory.
 */
final class IcmpLimit {
    private static final int BUCKETS = 4096;
    private static final long RECEIVER_NANOS = 1_000_000_000L;
    private static final int RECEIVER_BURST = 6;
    private static final long ALL_NANOS = 1_000_000L;
    private static final int ALL_BURST = 50;

    private final boolean limits;
    private final long seed;
    /** For each bucket the time up to which its allowance is used up. */
    private final long[] used;

    private long usedByAll = Long.MIN_VALUE / 2;

    private IcmpLimit(boolean limits, long seed) {
        this.limits = limits;
        this.seed = seed | 1;
        used = new long[limits ? BUCKETS : 0];
        Arrays.fill(used, Long.MIN_VALUE / 2);
    }

    /** No limit. */
    static IcmpLimit none() {
        return new IcmpLimit(false, 0);
    }

    /** The kernel's limits. */
    static IcmpLimit ofKernel(long seed) {
        return new IcmpLimit(true, seed);
    }

    /**
     * Whether one more error may go to an address; if so, it counts.
     *
     * @param prefixLength of the route to it: the wider an IPv6 network, the more its hosts get, as {@code icmpv6_xrlim_allow} has it
     */
    boolean allows(boolean ipv4, long high, long low, int prefixLength, long nowNanos) {
        if (!limits) {
            return true;
        }
        long all = Math.max(usedByAll, nowNanos - ALL_NANOS * ALL_BURST);
        if (all + ALL_NANOS > nowNanos) {
            return false;
        }
        long interval = ipv4 || prefixLength >= 128 ? RECEIVER_NANOS : RECEIVER_NANOS >> (128 - prefixLength >> 5);
        int bucket = (int) ((high * 31 + low + seed) * seed * 0x9e3779b97f4a7c15L >>> 52);
        long one = Math.max(used[bucket], nowNanos - interval * RECEIVER_BURST);
        if (one + interval > nowNanos) {
            return false;
        }
        usedByAll = all + ALL_NANOS;
        used[bucket] = one + interval;
        return true;
    }
}
