package org.halvs.ha.membership.path;

/**
 * How many datagrams from addresses no peer sends from are looked at: enough for a node whose address has changed, far too few to keep this thread from heartbeats.
 * Each costs a signature at most; what is too much is dropped without one. Pure; confined to one thread.
 */
final class StrangerBudget {
    static final int BURST = 100;
    static final int PER_SECOND = 1_000;

    private static final long NANOS_EACH = 1_000_000_000L / PER_SECOND;

    private long untilNanos = Long.MIN_VALUE;

    /** Whether one more may be looked at now. */
    boolean take(long nowNanos) {
        if (untilNanos == Long.MIN_VALUE || nowNanos - untilNanos > 0) {
            untilNanos = nowNanos;
        }
        if (untilNanos - nowNanos >= BURST * NANOS_EACH) {
            return false;
        }
        untilNanos += NANOS_EACH;
        return true;
    }
}
