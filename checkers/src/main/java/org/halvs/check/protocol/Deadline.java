package org.halvs.check.protocol;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * The moment at which a probe has to be over. Immutable.
 *
 * @param endNanos by {@link System#nanoTime()}
 */
record Deadline(long endNanos) {

    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** What is left, 0 or less when the deadline has passed. */
    long remainingNanos() {
        return endNanos - System.nanoTime();
    }

    /** What is left, rounded up to 1 or more. */
    int remainingMillis() throws SocketTimeoutException {
        long nanos = remainingNanos();
        if (nanos <= 0) {
            throw new SocketTimeoutException("no complete answer in time");
        }
        return (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
    }

    Duration remaining() throws SocketTimeoutException {
        return Duration.ofMillis(remainingMillis());
    }
}
