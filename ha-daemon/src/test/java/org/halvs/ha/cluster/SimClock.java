package org.halvs.ha.cluster;

import java.util.PriorityQueue;
import java.util.Random;

/** Virtual time: what happens when, and the chance that decides it. Same seed, same course. */
final class SimClock {
    static final long MILLIS = 1_000_000L;

    private record Event(long atNanos, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return atNanos != other.atNanos ? Long.compare(atNanos, other.atNanos) : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Random random;
    private long nowNanos = 1_000 * MILLIS;
    private long order;

    SimClock(long seed) {
        random = new Random(seed);
    }

    long nowNanos() {
        return nowNanos;
    }

    long nowMillis() {
        return nowNanos / MILLIS;
    }

    void later(long inNanos, Runnable action) {
        events.add(new Event(nowNanos + inNanos, order++, action));
    }

    /** A random time from 0 to the bound. */
    long jitter(long boundNanos) {
        return boundNanos <= 0 ? 0 : (long) (random.nextDouble() * boundNanos);
    }

    boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    /** Lets time pass, and what belongs to it happen; {@code afterEach} is run after everything that happens. */
    void run(long millis, Runnable afterEach) {
        long end = nowNanos + millis * MILLIS;
        while (!events.isEmpty() && events.peek().atNanos() <= end) {
            Event next = events.remove();
            nowNanos = next.atNanos();
            next.action().run();
            afterEach.run();
        }
        nowNanos = end;
    }
}
