package org.halvs.ipvs.forward;

/**
 * A walk round the connection table that never ends: every index is visited once in a given time, a few at each call, however often or seldom calls come.
 * Looking at a large table in one go would be a pause. Confined to the worker.
 */
final class TableRound {
    private final long roundNanos;
    private long walkedNanos;
    /** Visits that are due, times {@link #roundNanos}. */
    private long owed;

    private int index;

    /**
     * @param roundNanos the time for a round, more than 0 and at most a minute, so that its product with the limit of any table fits a long
     * @param nowNanos when the first round begins
     */
    TableRound(long roundNanos, long nowNanos) {
        this.roundNanos = roundNanos;
        this.walkedNanos = nowNanos;
    }

    /**
     * How many times {@link #next} is to be called now for the time that has passed: at most once for every index, and what was not done is not made up for.
     *
     * @param limit of the table
     */
    int due(int limit, long nowNanos) {
        owed += Math.clamp(nowNanos - walkedNanos, 0, roundNanos) * limit;
        walkedNanos = nowNanos;
        int visits = (int) (owed / roundNanos);
        owed %= roundNanos;
        return Math.min(visits, limit);
    }

    /** The next index, less than {@code limit}, which is more than 0. */
    int next(int limit) {
        index = index + 1 < limit ? index + 1 : 0;
        return index;
    }
}
