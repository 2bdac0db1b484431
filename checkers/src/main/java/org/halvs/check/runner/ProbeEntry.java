package org.halvs.check.runner;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec;
import org.halvs.check.HealthChecker;
import org.halvs.check.ProbeKey;
import org.halvs.check.StreamChecker;
import org.halvs.linux.SocketEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * One key: its checkers, the phase of a combined check, and the probe that runs now. The phase and the last result are written only by the one who
 * has claimed the outcome of the current probe; {@link ThreadedRun} hands them from one thread to the next.
 */
final class ProbeEntry implements ProbeSchedule.Entry {
    /** Probes of one key that ignore their cancellation; with so many of them no further one is begun. */
    private static final int IGNORING_LIMIT = 4;

    private final ProbeKey key;
    private final String threadName;
    private final CheckRunner.Place place;
    private final HealthChecker checker;
    private final Duration timeout;
    private final HealthChecker connectChecker;
    private final Duration connectTimeout;
    private final int connectsAfterSuccess;
    private int connectsLeft;
    private @Nullable ProbeRun current;
    private @Nullable SocketEndpoint endpoint;
    private @Nullable CheckResult last;
    private volatile boolean dropped;
    final AtomicInteger ignoringCancellation = new AtomicInteger();

    ProbeEntry(ProbeKey key, Function<CheckSpec, HealthChecker> checkers, CheckRunner.Place place) {
        this.key = key;
        this.threadName = "check-" + key.target();
        this.place = place;
        if (key.spec() instanceof CheckSpec.Combined combined) {
            checker = checkers.apply(combined.negotiate());
            timeout = combined.negotiate().timeout();
            connectChecker = checkers.apply(combined.connect());
            connectTimeout = combined.connect().timeout();
            connectsAfterSuccess = combined.connects();
        } else {
            checker = checkers.apply(key.spec());
            timeout = key.spec().timeout();
            connectChecker = checker;
            connectTimeout = timeout;
            connectsAfterSuccess = 0;
        }
    }

    @Override
    public ProbeKey key() {
        return key;
    }

    @Override
    public boolean busy() {
        return current != null && !current.finished();
    }

    @Override
    public long deadlineNanos() {
        return current == null ? 0 : current.deadlineNanos();
    }

    /** The next probe, or null when too many of the earlier ones ignore their cancellation. Timer thread only. */
    @Nullable
    ProbeRun prepare(long dueNanos) {
        if (ignoringCancellation.get() >= IGNORING_LIMIT) {
            return null;
        }
        ProbeRun run =
                connectsLeft > 0 ? run(connectChecker, connectTimeout, dueNanos) : run(checker, timeout, dueNanos);
        current = run;
        return run;
    }

    private ProbeRun run(HealthChecker by, Duration within, long dueNanos) {
        return by instanceof StreamChecker streams
                ? new StreamRun(this, streams, within, dueNanos, place)
                : new ThreadedRun(this, by, within, dueNanos, place.counters());
    }

    /** The current probe goes on as {@code rest}. Timer thread only. */
    void goOn(ThreadedRun rest) {
        current = rest;
        rest.start();
    }

    /** The address of the target as the kernel wants it. Timer thread only. */
    SocketEndpoint endpoint() {
        SocketEndpoint known = endpoint;
        if (known == null) {
            known = SocketEndpoint.of(key.target().address(), key.target().port());
            endpoint = known;
        }
        return known;
    }

    void expire() {
        if (current != null) {
            current.expire();
        }
    }

    void drop() {
        dropped = true;
        if (current != null) {
            current.cancel();
        }
    }

    boolean dropped() {
        return dropped;
    }

    String threadName() {
        return threadName;
    }

    /**
     * Takes the outcome of the current probe, once.
     *
     * <p>The phases are ldirectord's (checktype = N): a negotiate that passed is followed by N connects; whatever fails is followed by a
     * negotiate.
     */
    void conclude(CheckResult result, long startedNanos) {
        if (!result.passed()) {
            connectsLeft = 0;
        } else if (connectsLeft > 0) {
            connectsLeft--;
        } else {
            connectsLeft = connectsAfterSuccess;
        }
        boolean news = !result.passed() || !result.equals(last);
        last = result;
        if (!dropped) {
            place.outbox().add(new ProbeReport(key, result, startedNanos, System.nanoTime() - startedNanos), news);
        }
    }
}
