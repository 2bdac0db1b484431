package org.halvs.ha.membership.path;

/**
 * Decides whether a peer whose life line ended has ended itself: its kernel has to refuse connections to it, twice and some time apart, and nothing may be heard of
 * it in between. A live peer that lost a connection says so at once with a heartbeat, and its kernel does not refuse. Pure; times are nanoseconds.
 */
final class EndConfirmation {
    /** Between two probes. A live peer's heartbeat is here by then. */
    static final long SPACING_NANOS = 3_000_000;
    /** After this its silence decides. The kernel closes what a killed process had within that time. */
    static final long LIMIT_NANOS = 500_000_000;

    private static final long NONE = Long.MIN_VALUE;

    private boolean active;
    private long begunNanos;
    private long refusedNanos = NONE;
    private long nextProbeNanos;

    /** The life line ended without a goodbye. */
    void begin(long nowNanos) {
        if (!active) {
            active = true;
            begunNanos = nowNanos;
            refusedNanos = NONE;
            nextProbeNanos = nowNanos;
        }
    }

    boolean isActive() {
        return active;
    }

    /** Something was heard of the peer, or it accepted a connection. */
    void heard() {
        refusedNanos = NONE;
    }

    /** Its kernel refused a probe. Answers whether that settles it. */
    boolean refused(long nowNanos) {
        if (!active) {
            return false;
        }
        if (refusedNanos == NONE) {
            refusedNanos = nowNanos;
            return false;
        }
        return nowNanos - refusedNanos >= SPACING_NANOS / 2;
    }

    /** Whether a probe is due now; the next is due later. Ends by itself when the time is over. */
    boolean probeIsDue(long nowNanos) {
        if (active && nowNanos - begunNanos >= LIMIT_NANOS) {
            end();
        }
        if (!active || nowNanos < nextProbeNanos) {
            return false;
        }
        nextProbeNanos = nowNanos + SPACING_NANOS;
        return true;
    }

    /** When {@link #probeIsDue} is to be asked next; {@link PathMonitor#NEVER} when nothing goes on. */
    long nextDueNanos() {
        return active ? nextProbeNanos : PathMonitor.NEVER;
    }

    void end() {
        active = false;
    }
}
