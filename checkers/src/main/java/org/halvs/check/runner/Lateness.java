package org.halvs.check.runner;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A histogram of delays with a relative error below 7 %: 16 buckets for each doubling, in microseconds. Thread-safe, no allocation when
 * recording.
 */
final class Lateness {
    private static final int SUB_BUCKET_BITS = 4;
    private static final int SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
    /** Up to 2^36 microseconds, 19 hours; anything longer counts as that. */
    private static final int DOUBLINGS = 36;

    private final AtomicLongArray counts = new AtomicLongArray(bucketOf(Long.MAX_VALUE / 1000) + 1);
    private final AtomicLong maxNanos = new AtomicLong();

    void record(long nanos) {
        long delay = Math.max(0, nanos);
        counts.incrementAndGet(bucketOf(delay / 1000));
        if (delay > maxNanos.get()) {
            maxNanos.accumulateAndGet(delay, Math::max);
        }
    }

    LatenessSnapshot snapshot() {
        long[] copy = new long[counts.length()];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = counts.get(i);
        }
        return new LatenessSnapshot(copy, maxNanos.get());
    }

    static int bucketOf(long micros) {
        if (micros < SUB_BUCKETS) {
            return (int) micros;
        }
        int doubling = 63 - Long.numberOfLeadingZeros(micros);
        if (doubling >= DOUBLINGS) {
            return (DOUBLINGS - SUB_BUCKET_BITS + 1) * SUB_BUCKETS - 1;
        }
        int within = (int) (micros >>> (doubling - SUB_BUCKET_BITS)) & (SUB_BUCKETS - 1);
        return (doubling - SUB_BUCKET_BITS + 1) * SUB_BUCKETS + within;
    }

    /** The largest value in microseconds that falls into {@code bucket}. */
    static long upperBoundMicros(int bucket) {
        if (bucket < SUB_BUCKETS) {
            return bucket;
        }
        int doubling = bucket / SUB_BUCKETS + SUB_BUCKET_BITS - 1;
        long within = bucket % SUB_BUCKETS;
        return ((SUB_BUCKETS + within + 1) << (doubling - SUB_BUCKET_BITS)) - 1;
    }
}
