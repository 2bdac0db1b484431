package org.halvs.check.runner;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/**
 * Where reports wait for company on their way to the listener. The timer thread delivers what waits at the end of each of its rounds, if that is
 * news or has waited for long enough; any other thread delivers what it adds at once. Thread-safe.
 */
final class Outbox {
    private static final System.Logger LOGGER = System.getLogger(CheckRunner.class.getName());

    private final ResultListener listener;
    private final long patienceNanos;
    private final Thread timer;
    private List<ProbeReport> waiting = new ArrayList<>(); // guarded by this
    private long dueNanos; // guarded by this

    /**
     * @param patienceNanos how long a report that is no news waits at most
     * @param timer the thread that calls {@link #flush}
     */
    Outbox(ResultListener listener, long patienceNanos, Thread timer) {
        this.listener = listener;
        this.patienceNanos = patienceNanos;
        this.timer = timer;
    }

    synchronized void add(ProbeReport report, boolean news) {
        long now = System.nanoTime();
        if (news) {
            dueNanos = now;
        } else if (waiting.isEmpty()) {
            dueNanos = now + patienceNanos;
        }
        waiting.add(report);
        if (!Thread.currentThread().equals(timer)) {
            deliver();
        }
    }

    /** Delivers what is due. Answers when the next is, in nanoseconds from now; {@link Long#MAX_VALUE} when nothing waits. */
    synchronized long flush() {
        if (waiting.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long wait = dueNanos - System.nanoTime();
        if (wait > 0) {
            return wait;
        }
        deliver();
        return Long.MAX_VALUE;
    }

    /** Under the lock, so that the results of a key arrive in their order; a listener only takes them in. */
    private void deliver() {
        List<ProbeReport> reports = waiting;
        waiting = new ArrayList<>();
        try {
            listener.onResults(reports);
        } catch (RuntimeException e) {
            LOGGER.log(
                    Level.ERROR,
                    "the listener refused results, the first of them that of "
                            + reports.getFirst().key(),
                    e);
        }
    }
}
