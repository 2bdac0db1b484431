package org.halvs.ha.membership.path;

/**
 * Moves the heartbeats of two nodes apart until each comes in the middle between two of the other one's. A heartbeat is read when its receiver sends its own; so
 * it is half a keepalive old then on both sides, and neither has to wake up in between to see whether it is overdue.
 */
final class BeatPhase {
    /** No heartbeat is sooner or later than by this part of keepalive. */
    private static final int MOST = 16;
    /** The other node moves towards the same phase as this one. */
    private static final int OF_THE_WAY = 4;

    private BeatPhase() {}

    /**
     * By how much later than keepalive the next heartbeat is to be sent, in nanoseconds; negative for sooner.
     *
     * @param heardNanos when the only peer was heard last, {@link PathMonitor#NEVER} when it is not the only one
     * @param nowNanos when this node sends the one before
     */
    static long shiftNanos(long keepaliveNanos, long heardNanos, long nowNanos) {
        if (heardNanos == PathMonitor.NEVER) {
            return 0;
        }
        long age = nowNanos - heardNanos;
        if (age < 0 || age >= keepaliveNanos) {
            return 0; // one was lost, or came to its own time: says nothing of the phase
        }
        long most = keepaliveNanos / MOST;
        return Math.clamp((keepaliveNanos / 2 - age) / OF_THE_WAY, -most, most);
    }
}
