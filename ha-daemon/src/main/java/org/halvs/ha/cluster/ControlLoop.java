package org.halvs.ha.cluster;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of the one thread that owns all control state, named {@code control}. Thread-safe: every method may be called from any thread.
 *
 * <p>Membership, commands and the ends of actions go ahead of the results of checks. The queue of check results is bounded: when it is full
 * the oldest result is dropped, for the next probe brings a newer one; nothing else is ever dropped.
 */
public final class ControlLoop implements AutoCloseable {
    /** More results than this have not been looked at for seconds; newer ones say the same or better. */
    private static final int MOST_RESULTS = 65_536;

    private static final Logger LOG = System.getLogger(ControlLoop.class.getName());

    private record Timer(long dueNanos, long order, Runnable task) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Deque<Runnable> urgent = new ArrayDeque<>();
    private final Deque<Runnable> results = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(ControlLoop::earlierFirst);
    private final LongSupplier clock;
    private final Runnable onWork;
    private final Runnable onBrokenInvariant;
    private long timerOrder;
    private long droppedResults;
    private boolean closed;

    private ControlLoop(LongSupplier clock, Runnable onWork, Runnable onBrokenInvariant) {
        this.clock = clock;
        this.onWork = onWork;
        this.onBrokenInvariant = onBrokenInvariant;
    }

    /**
     * Starts the thread.
     *
     * @param onBrokenInvariant called on the control thread when a task threw: control state can't be trusted any more, so the node has to
     *     stop in order and let the peer take over
     */
    public static ControlLoop start(Runnable onBrokenInvariant) {
        ControlLoop loop = new ControlLoop(System::nanoTime, () -> {}, onBrokenInvariant);
        Thread.ofPlatform().name("control").start(loop::run);
        return loop;
    }

    /**
     * A loop without a thread, for virtual time: somebody calls {@link #turn} when there is something to do.
     *
     * @param clock nanoseconds; never goes back
     * @param onWork called whenever {@link #waitNanos} may have become shorter
     * @param onBrokenInvariant as for {@link #start}
     */
    public static ControlLoop inVirtualTime(LongSupplier clock, Runnable onWork, Runnable onBrokenInvariant) {
        return new ControlLoop(clock, onWork, onBrokenInvariant);
    }

    private static int earlierFirst(Timer a, Timer b) {
        int byTime = Long.signum(a.dueNanos - b.dueNanos);
        return byTime != 0 ? byTime : Long.compare(a.order, b.order);
    }

    /** The time timers go by, in nanoseconds; only differences mean anything. */
    public long nanoTime() {
        return clock.getAsLong();
    }

    /** Runs {@code task} on the control thread, after what is already waiting and before any check result. */
    public void enqueue(Runnable task) {
        lock.lock();
        try {
            urgent.addLast(task);
            work.signal();
        } finally {
            lock.unlock();
        }
        onWork.run();
    }

    /** Runs {@code task}, the arrival of a check result, when nothing more urgent waits. */
    public void enqueueResult(Runnable task) {
        lock.lock();
        try {
            if (results.size() == MOST_RESULTS) {
                results.removeFirst();
                droppedResults++;
            }
            results.addLast(task);
            work.signal();
        } finally {
            lock.unlock();
        }
        onWork.run();
    }

    /** Runs {@code task} once, {@code delayMillis} (0 or more) from now. */
    public void schedule(long delayMillis, Runnable task) {
        lock.lock();
        try {
            long due = nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
            timers.add(new Timer(due, timerOrder++, task));
            work.signal();
        } finally {
            lock.unlock();
        }
        onWork.run();
    }

    /** Computes a value on the control thread. A broken computation fails the future as well as the node. */
    public <T> CompletableFuture<T> ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        enqueue(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
                throw e;
            }
        });
        return answer;
    }

    /** How many check results were dropped because nobody had time for them. */
    public long droppedResults() {
        lock.lock();
        try {
            return droppedResults;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (Runnable task = next(); task != null; task = next()) {
            run(task);
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError e) {
            LOG.log(Level.ERROR, "control state is broken; this node stops so that the peer takes over", e);
            onBrokenInvariant.run();
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            while (true) {
                Runnable task = due();
                if (task != null || closed) {
                    return task;
                }
                awaitWork(untilTimer());
            }
        } finally {
            lock.unlock();
        }
    }

    /** What to do now, null for nothing. Called under the lock. */
    private @Nullable Runnable due() {
        if (!urgent.isEmpty()) {
            return urgent.removeFirst();
        }
        if (closed) {
            return null;
        }
        if (untilTimer() <= 0) {
            return timers.remove().task;
        }
        return results.pollFirst();
    }

    private long untilTimer() {
        Timer timer = timers.peek();
        return timer == null ? Long.MAX_VALUE : timer.dueNanos - nanoTime();
    }

    /** Waits for a task or for {@code nanos}; the caller looks again at everything afterwards. */
    @SuppressWarnings("WaitNotInLoop")
    private void awaitWork(long nanos) {
        try {
            long _ = work.awaitNanos(nanos);
        } catch (InterruptedException _) {
            // Nobody interrupts the control thread; a stray interrupt is no reason to stop deciding.
        }
    }

    /** In virtual time: runs the next task that is due on the calling thread. Answers whether there was one. */
    public boolean turn() {
        Runnable task;
        lock.lock();
        try {
            task = due();
        } finally {
            lock.unlock();
        }
        if (task != null) {
            run(task);
        }
        return task != null;
    }

    /** In virtual time: how long there is nothing to do, in nanoseconds; 0 when a task is due, {@link Long#MAX_VALUE} when none is planned. */
    public long waitNanos() {
        lock.lock();
        try {
            if (!urgent.isEmpty()) {
                return 0;
            }
            if (closed) {
                return Long.MAX_VALUE;
            }
            return results.isEmpty() ? Math.max(0, untilTimer()) : 0;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread after the urgent tasks that are already waiting; timers and results are forgotten. Returns at once. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }
}
