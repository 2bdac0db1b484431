package org.halvs.check.runner;

/** One probe, from its start to its outcome. All of it is called by the timer thread. */
sealed interface ProbeRun permits StreamRun, ThreadedRun {

    /** Begins the probe, unless it was cancelled before. */
    void start();

    /** Whether its outcome was delivered, or nobody wants it. */
    boolean finished();

    /** When it is to be cut off, by {@link System#nanoTime()}. */
    long deadlineNanos();

    /** Cuts the probe off and reports that it timed out. */
    void expire();

    /** Cuts the probe off; nobody wants its result. */
    void cancel();
}
