package org.halvs.check.runner;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.halvs.check.CheckSpec;
import org.halvs.check.HealthChecker;
import org.halvs.check.ProbeKey;
import org.halvs.check.StreamChecker;
import org.jspecify.annotations.Nullable;

/**
 * Runs the wanted probes, each at its own fixed rate. Thread-safe.
 *
 * <p>The timer thread holds the connections of all {@link StreamChecker}s itself and never waits for one of them; any other probe has a virtual thread of
 * its own, and so has whatever of a stream's check takes longer than a moment.
 *
 * <p>A probe that has not ended shortly after its timeout is interrupted and reported as {@code TIMED_OUT}; its key goes on at the next point of
 * its schedule even when the probe does not obey. {@link CheckSpec.Combined} is played here: after a negotiate that passed, the given number
 * of connects, then negotiate again; after a failed connect, negotiate.
 */
public final class CheckRunner implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(CheckRunner.class.getName());

    /** Enough for ten thousand dead servers with a timeout of two intervals. */
    public static final int DEFAULT_IN_FLIGHT_LIMIT = 20_000;

    /** How long, in milliseconds, a result waits at most that says once more that a server is well. */
    public static final int COMPANY_MILLIS = 100;

    /** How long the timer sleeps after it has started probes: most answers have come by then, and share one wake-up. */
    private static final long PAUSE_NANOS = 2_000_000;

    private static final long CLOSE_PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

    private final Function<CheckSpec, HealthChecker> checkers;
    private final int inFlightLimit;
    private final Counters counters = new Counters();
    private final StreamLoop streams = new StreamLoop();
    private final Place place;
    private final ProbeSchedule schedule;
    private final ArrayDeque<ProbeRun> queue = new ArrayDeque<>();
    private final AtomicReference<@Nullable List<Probe>> pending = new AtomicReference<>();
    private final Thread timer;
    private volatile boolean draining;
    private volatile boolean closing;

    /** Gauges and counters that probes and the timer share. */
    static final class Counters {
        final AtomicInteger inFlight = new AtomicInteger();
        final AtomicInteger ignoringCancellation = new AtomicInteger();
        final AtomicInteger liveThreads = new AtomicInteger();
        final AtomicLong expired = new AtomicLong();
        final Lateness lateness = new Lateness();
        volatile int keys;
        volatile int queued;
        volatile long skipped;
    }

    /** What every probe of a runner needs. */
    record Place(Counters counters, StreamLoop streams, Outbox outbox) {}

    /** A runner with the default limit. */
    public CheckRunner(Function<CheckSpec, HealthChecker> checkers, ResultListener listener) {
        this(checkers, listener, DEFAULT_IN_FLIGHT_LIMIT);
    }

    /**
     * A runner without probes; {@link #update} gives it some.
     *
     * @param checkers makes the checker of a specification, once for each key; never asked for {@link CheckSpec.Combined} but for its two parts
     * @param inFlightLimit 1 or more; probes beyond it wait, and the wait shows in their lateness
     */
    public CheckRunner(Function<CheckSpec, HealthChecker> checkers, ResultListener listener, int inFlightLimit) {
        if (inFlightLimit < 1) {
            throw new IllegalArgumentException("limit of probes in flight: " + inFlightLimit);
        }
        this.checkers = checkers;
        this.inFlightLimit = inFlightLimit;
        this.schedule = new ProbeSchedule(this::newEntry);
        this.timer = Thread.ofPlatform().daemon().name("check-timer").unstarted(this::keepTime);
        Outbox outbox = new Outbox(listener, TimeUnit.MILLISECONDS.toNanos(COMPANY_MILLIS), timer);
        this.place = new Place(counters, streams, outbox);
        timer.start();
    }

    /**
     * Makes {@code wanted} the set of probes, soon after this returns. New ones start at once, those that are no longer wanted are cancelled
     * without a result (one that is just being delivered may still come), all others go on undisturbed. Of two probes with one key the shorter
     * interval counts.
     */
    public void update(Collection<Probe> wanted) {
        pending.set(List.copyOf(wanted));
        streams.wake();
    }

    public RunnerSnapshot snapshot() {
        LatenessSnapshot lateness = counters.lateness.snapshot();
        return new RunnerSnapshot(
                counters.keys,
                counters.inFlight.get(),
                counters.queued,
                lateness.count(),
                counters.expired.get(),
                counters.ignoringCancellation.get(),
                counters.skipped,
                lateness);
    }

    /** From now on starts no probe; those in flight go on until their end or their deadline. */
    public void drain() {
        draining = true;
    }

    /** Waits until no probe is in flight, but not longer than {@code patience}. Of use after {@link #drain}. */
    public void awaitIdle(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (counters.inFlight.get() > 0
                && end - System.nanoTime() > 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Cancels everything and waits for it, but not longer than two seconds. No result is delivered after it has returned. */
    @Override
    public void close() {
        closing = true;
        streams.wake();
        boolean interrupted = false;
        long end = System.nanoTime() + CLOSE_PATIENCE_NANOS;
        while (timer.isAlive() || counters.liveThreads.get() > 0) {
            if (end - System.nanoTime() < 0) {
                break;
            }
            interrupted |= Thread.interrupted();
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private ProbeSchedule.Entry newEntry(ProbeKey key) {
        return new ProbeEntry(key, checkers, place);
    }

    private void keepTime() {
        ProbeSchedule.Effects effects = new Edge();
        try (streams) {
            while (!closing) {
                guardedRound(effects);
            }
            queue.clear();
            schedule.clear(effects);
        }
    }

    /** A mistake of ours in one probe must not end all others. */
    private void guardedRound(ProbeSchedule.Effects effects) {
        try {
            round(effects);
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, "a round of the checks broke", e);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void round(ProbeSchedule.Effects effects) {
        List<Probe> wanted = pending.getAndSet(null);
        if (wanted != null) {
            schedule.replace(wanted, System.nanoTime(), effects);
        }
        startQueued();
        boolean started = schedule.advance(System.nanoTime(), effects);
        counters.keys = schedule.size();
        counters.queued = queue.size();
        counters.skipped = schedule.skipped();
        long untilDelivery = place.outbox().flush();
        if (started) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        long untilNext = Math.min(schedule.nanosUntilNext(System.nanoTime()), untilDelivery);
        streams.turn(queue.isEmpty() ? untilNext : Math.min(untilNext, PAUSE_NANOS));
    }

    private void startQueued() {
        while (!draining && !queue.isEmpty() && counters.inFlight.get() < inFlightLimit) {
            queue.poll().start();
        }
    }

    /** Turns what the schedule asks for into threads. */
    private final class Edge implements ProbeSchedule.Effects {
        @Override
        public void start(ProbeSchedule.Entry entry, long dueNanos) {
            ProbeRun run = draining ? null : ((ProbeEntry) entry).prepare(dueNanos);
            if (run == null) {
                return;
            }
            if (queue.isEmpty() && counters.inFlight.get() < inFlightLimit) {
                run.start();
            } else {
                queue.add(run);
            }
        }

        @Override
        public void expire(ProbeSchedule.Entry entry) {
            ((ProbeEntry) entry).expire();
        }

        @Override
        public void drop(ProbeSchedule.Entry entry) {
            ((ProbeEntry) entry).drop();
        }
    }
}
