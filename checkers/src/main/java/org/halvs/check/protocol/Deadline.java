package org.halvs.check.protocol;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * The moment at which a probe has to be over. Immutable.
 *
 * @param endNanos by {@link System#nanoTime()}
 * @param whole the time the probe has been given, of which a part may be over when it comes to this deadline; for messages
 */
record Deadline(long endNanos, Duration whole) {

    static Deadline in(Duration duration) {
        return in(duration, duration);
    }

    /** With {@code left} of the {@code whole} time. */
    static Deadline in(Duration left, Duration whole) {
        return new Deadline(System.nanoTime() + left.toNanos(), whole);
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
