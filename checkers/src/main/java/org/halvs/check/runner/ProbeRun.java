package org.halvs.check.runner;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.HealthChecker;

/**
 * One probe, from its start to its outcome. Its thread and the timer race for the outcome; the first to claim it delivers it, and the probe
 * is finished when the delivery is done.
 */
final class ProbeRun extends AtomicInteger implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(CheckRunner.class.getName());

    /** Checkers keep the timeout themselves; the runner steps in only when one of them does not. */
    private static final long GRACE_NANOS = 100_000_000;

    private static final int OPEN = 0;
    private static final int CLAIMED = 1;
    private static final int FINISHED = 2;

    private final ProbeEntry entry;
    private final HealthChecker checker;
    private final Duration timeout;
    private final long dueNanos;
    private final CheckRunner.Counters counters;
    private volatile long beginNanos;
    private volatile boolean begun;
    private boolean launched;
    private final Thread thread;

    ProbeRun(ProbeEntry entry, HealthChecker checker, Duration timeout, long dueNanos, CheckRunner.Counters counters) {
        super(OPEN);
        this.entry = entry;
        this.checker = checker;
        this.timeout = timeout;
        this.dueNanos = dueNanos;
        this.counters = counters;
        this.thread = Thread.ofVirtual().name(entry.threadName()).unstarted(this);
    }

    boolean finished() {
        return get() == FINISHED;
    }

    /** A probe that waits for its turn or for a processor has all its time still before it, so its deadline moves. */
    long deadlineNanos() {
        return (begun ? beginNanos : System.nanoTime()) + timeout.toNanos() + GRACE_NANOS;
    }

    /** Begins the probe. Timer thread only. */
    void start() {
        if (get() != OPEN) {
            return;
        }
        launched = true;
        counters.inFlight.incrementAndGet();
        counters.liveThreads.incrementAndGet();
        thread.start();
    }

    @Override
    public void run() {
        try {
            long begin = System.nanoTime();
            beginNanos = begin;
            begun = true;
            counters.lateness.record(begin - dueNanos);
            CheckResult result = check();
            if (claim()) {
                deliver(result, begin);
            } else {
                entry.ignoringCancellation.decrementAndGet();
                counters.ignoringCancellation.decrementAndGet();
            }
        } finally {
            counters.liveThreads.decrementAndGet();
        }
    }

    private CheckResult check() {
        try {
            return checker.check(entry.key().target(), timeout);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            LOGGER.log(Level.WARNING, "the check of " + entry.key() + " broke", e);
            return new CheckResult.Failed(
                    Reason.NOT_POSSIBLE,
                    "the check itself broke: " + e.getClass().getSimpleName());
        }
    }

    /** Cuts the probe off and reports that it timed out. Timer thread only. */
    void expire() {
        if (abandon()) {
            counters.expired.incrementAndGet();
            deliver(
                    new CheckResult.Failed(Reason.TIMED_OUT, "no result within " + timeout.toMillis() + " ms"),
                    beginNanos);
        }
    }

    /** Cuts the probe off; nobody wants its result. Timer thread only. */
    void cancel() {
        if (!launched) {
            set(FINISHED);
        } else if (abandon()) {
            set(FINISHED);
        }
    }

    private boolean abandon() {
        // counted first: the probe's thread takes it back when it finds that it came too late
        entry.ignoringCancellation.incrementAndGet();
        counters.ignoringCancellation.incrementAndGet();
        if (!claim()) {
            entry.ignoringCancellation.decrementAndGet();
            counters.ignoringCancellation.decrementAndGet();
            return false;
        }
        thread.interrupt();
        return true;
    }

    private boolean claim() {
        if (!compareAndSet(OPEN, CLAIMED)) {
            return false;
        }
        counters.inFlight.decrementAndGet();
        return true;
    }

    private void deliver(CheckResult result, long begin) {
        try {
            entry.conclude(result, begin, System.nanoTime() - begin);
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, "the listener refused the result of " + entry.key(), e);
        } finally {
            set(FINISHED);
        }
    }
}
