package org.halvs.ha.membership;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether this process runs. The thread that sends heartbeats says so each time it does, and counts when it was asleep for so long that others may have given this
 * node up; whoever is about to act on what was true before asks first. So no other thread has to wake up only to see that it can. Thread-safe.
 */
public final class Wakefulness {
    private volatile boolean watched;
    private volatile long awakeNanos;
    private final AtomicLong sleeps = new AtomicLong();
    private volatile long acknowledged;

    /** The thread of heartbeats runs. */
    public void awake(long nowNanos) {
        awakeNanos = nowNanos;
        watched = true;
    }

    /** It found that it was asleep. Called before {@link #awake}, by the same thread. */
    public void slept() {
        sleeps.incrementAndGet();
    }

    /** There are no heartbeats any more, and so nothing to be late. */
    public void unwatched() {
        watched = false;
    }

    /** How often it was asleep. */
    public long sleeps() {
        return sleeps.get();
    }

    /** What follows from the first {@code count} sleeps has been done, by whoever decides. */
    public void acknowledge(long count) {
        acknowledged = count;
    }

    /**
     * Whether this process was asleep and nothing was done about it yet, or is just waking up.
     *
     * @param afterNanos a silence of the thread of heartbeats that is no accident
     */
    public boolean isDoubtful(long nowNanos, long afterNanos) {
        long seen = awakeNanos; // before the count: the thread counts first
        return sleeps.get() != acknowledged || watched && nowNanos - seen > afterNanos;
    }
}
