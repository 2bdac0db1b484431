package org.halvs.check;

import java.time.Duration;

/**
 * A check that begins with an exchange over one TCP connection in plain text. Whoever runs it may hold that connection itself, thousands of them on
 * one thread, or call {@link #check}, which does the same in the blocking style. Implementations are thread-safe.
 */
public interface StreamChecker extends HealthChecker {

    /**
     * Our part in one such exchange with {@code target}.
     *
     * @param timeout positive; keeping it is the business of whoever holds the connection
     */
    Conversation converse(CheckTarget target, Duration timeout);
}
