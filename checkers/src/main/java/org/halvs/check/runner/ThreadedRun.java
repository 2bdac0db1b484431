package org.halvs.check.runner;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.HealthChecker;

/**
 * A probe in the blocking style, on a virtual thread of its own. Its thread and the timer race for the outcome; the first to claim it delivers it,
 * and the probe is finished when the delivery is done.
 */
final class ThreadedRun extends AtomicInteger implements ProbeRun, Runnable {
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
    /** Whether a {@link StreamRun} began the probe and this is the rest of it. */
    private final boolean resumed;

    private volatile long beginNanos;
    private volatile boolean begun;
    private boolean launched;
    private final Thread thread;

    /** A whole probe. */
    ThreadedRun(
            ProbeEntry entry, HealthChecker checker, Duration timeout, long dueNanos, CheckRunner.Counters counters) {
        this(entry, checker, timeout, dueNanos, counters, false);
    }

    private ThreadedRun(
            ProbeEntry entry,
            HealthChecker checker,
            Duration timeout,
            long dueNanos,
            CheckRunner.Counters counters,
            boolean resumed) {
        super(OPEN);
        this.entry = entry;
        this.checker = checker;
        this.timeout = timeout;
        this.dueNanos = dueNanos;
        this.counters = counters;
        this.resumed = resumed;
        this.thread = Thread.ofVirtual().name(entry.threadName()).unstarted(this);
    }

    /** The rest of a probe that began at {@code beginNanos} and counts as in flight already. */
    static ThreadedRun rest(
            ProbeEntry entry, HealthChecker rest, Duration timeout, long beginNanos, CheckRunner.Counters counters) {
        ThreadedRun run = new ThreadedRun(entry, rest, timeout, beginNanos, counters, true);
        run.beginNanos = beginNanos;
        run.begun = true;
        return run;
    }

    @Override
    public boolean finished() {
        return get() == FINISHED;
    }

    /** A probe that waits for its turn or for a processor has all its time still before it, so its deadline moves. */
    @Override
    public long deadlineNanos() {
        return (begun ? beginNanos : System.nanoTime()) + timeout.toNanos() + GRACE_NANOS;
    }

    @Override
    public void start() {
        if (get() != OPEN) {
            return;
        }
        launched = true;
        if (!resumed) {
            counters.inFlight.incrementAndGet();
        }
        counters.liveThreads.incrementAndGet();
        thread.start();
    }

    @Override
    public void run() {
        try {
            if (!resumed) {
                long begin = System.nanoTime();
                beginNanos = begin;
                begun = true;
                counters.lateness.record(begin - dueNanos);
            }
            CheckResult result = check();
            if (claim()) {
                deliver(result);
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
            return checker.check(entry.key().target(), timeLeft());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            LOGGER.log(Level.WARNING, "the check of " + entry.key() + " broke", e);
            return new CheckResult.Failed(
                    Reason.NOT_POSSIBLE,
                    "the check itself broke: " + e.getClass().getSimpleName());
        }
    }

    /** What is left of the timeout, but no less than a checker can be given. */
    private Duration timeLeft() {
        return resumed ? Duration.ofNanos(Math.max(1, beginNanos + timeout.toNanos() - System.nanoTime())) : timeout;
    }

    @Override
    public void expire() {
        if (abandon()) {
            counters.expired.incrementAndGet();
            deliver(new CheckResult.Failed(Reason.TIMED_OUT, "no result within " + timeout.toMillis() + " ms"));
        }
    }

    @Override
    public void cancel() {
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

    private void deliver(CheckResult result) {
        try {
            entry.conclude(result, beginNanos);
        } finally {
            set(FINISHED);
        }
    }
}
