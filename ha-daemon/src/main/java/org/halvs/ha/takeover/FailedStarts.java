package org.halvs.ha.takeover;

import java.util.OptionalLong;

/**
 * The failed attempts of this node to start one group, and when the next one is worth making. A node that failed leaves the group to the others for good; where
 * none of them can have it, nobody having it is worse than another failure: the node tries again after a pause, which doubles with every failure, and at once
 * when the cluster or the configuration has changed. Confined to the control loop.
 */
final class FailedStarts {
    private static final int FIRST_PAUSE_MINUTES = 1;
    private static final int LONGEST_PAUSE_MINUTES = 16;
    private static final long NANOS_PER_MINUTE = 60_000_000_000L;

    private int pauseMinutes;
    private boolean paused;
    private long pauseEndsNanos;

    /** The group did not start, or did not hold here. */
    void happened(long nowNanos) {
        pauseMinutes = pauseMinutes == 0 ? FIRST_PAUSE_MINUTES : Math.min(2 * pauseMinutes, LONGEST_PAUSE_MINUTES);
        pauseEndsNanos = nowNanos + pauseMinutes * NANOS_PER_MINUTE;
        paused = true;
    }

    /** The group runs here, or an operator wants it to. */
    void forget() {
        pauseMinutes = 0;
        paused = false;
    }

    /** Something has changed that may have been the cause, or that leaves nobody else. */
    void endPause() {
        paused = false;
    }

    void time(long nowNanos) {
        paused = paused && nowNanos - pauseEndsNanos < 0;
    }

    /** When {@link #time} ends the pause; empty without one. */
    OptionalLong wakeup() {
        return paused ? OptionalLong.of(pauseEndsNanos) : OptionalLong.empty();
    }

    /** Whether the last attempt failed. */
    boolean failed() {
        return pauseMinutes > 0;
    }

    /** Whether the last attempt failed, and it is too early for another one. */
    boolean paused() {
        return paused;
    }

    /** How long the node waits after the last attempt that failed; 0 when none did. */
    int pauseMinutes() {
        return pauseMinutes;
    }
}
