package org.halvs.check.runner;

/**
 * How late probes began, compared to their schedule, at one moment since the runner was made. Immutable. Percentiles are exact to 7 %.
 */
public final class LatenessSnapshot {
    private final long[] counts;
    private final long maxNanos;

    LatenessSnapshot(long[] counts, long maxNanos) {
        this.counts = counts;
        this.maxNanos = maxNanos;
    }

    /** What was recorded after {@code earlier}, a snapshot of the same runner. The maximum is then exact to 7 % as well. */
    public LatenessSnapshot since(LatenessSnapshot earlier) {
        long[] difference = new long[counts.length];
        int last = -1;
        for (int i = 0; i < counts.length; i++) {
            difference[i] = counts[i] - earlier.counts[i];
            if (difference[i] > 0) {
                last = i;
            }
        }
        long highest = last < 0 ? 0 : Math.min(maxNanos, Lateness.upperBoundMicros(last) * 1000);
        return new LatenessSnapshot(difference, highest);
    }

    /** How many probes have begun. */
    public long count() {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    /**
     * The delay that {@code percentile} per cent of the probes did not exceed, 0 when there were none.
     *
     * @param percentile 0 to 100
     */
    public long percentileNanos(double percentile) {
        long rank = (long) Math.ceil(count() * percentile / 100);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= rank && seen > 0) {
                return Math.min(maxNanos, Lateness.upperBoundMicros(i) * 1000);
            }
        }
        return 0;
    }

    public long maxNanos() {
        return maxNanos;
    }

    /** {@code n=10000 p50=0.4ms p99=3.1ms max=7.0ms}. */
    @Override
    public String toString() {
        return "n=" + count() + " p50=" + millis(percentileNanos(50)) + " p99=" + millis(percentileNanos(99)) + " max="
                + millis(maxNanos);
    }

    private static String millis(long nanos) {
        return nanos / 1_000_000 + "." + nanos / 100_000 % 10 + "ms";
    }
}
