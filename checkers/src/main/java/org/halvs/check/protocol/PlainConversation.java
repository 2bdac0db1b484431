package org.halvs.check.protocol;

import java.time.Duration;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckTarget;
import org.halvs.check.Conversation;

/** A conversation whose failures mean what they mean everywhere, and which keeps nothing. */
abstract class PlainConversation implements Conversation {
    private final CheckTarget target;
    private final Duration timeout;

    PlainConversation(CheckTarget target, Duration timeout) {
        this.target = target;
        this.timeout = timeout;
    }

    @Override
    public CheckResult failed(Exception problem) {
        return ExchangeFailure.of(problem, target, timeout, false);
    }

    @Override
    public CheckResult timedOut() {
        return ExchangeFailure.timedOut(timeout);
    }

    @Override
    public void close() {}
}
