package org.halvs.check.protocol;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.function.BiFunction;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckTarget;
import org.halvs.check.Conversation;
import org.halvs.check.HealthChecker;
import org.halvs.check.StreamChecker;

/** A check that is a conversation. Immutable. */
final class StreamedChecker implements StreamChecker {
    private final BiFunction<CheckTarget, Duration, Conversation> conversations;

    StreamedChecker(BiFunction<CheckTarget, Duration, Conversation> conversations) {
        this.conversations = conversations;
    }

    @Override
    public Conversation converse(CheckTarget target, Duration timeout) {
        return conversations.apply(target, timeout);
    }

    @Override
    public CheckResult check(CheckTarget target, Duration timeout) {
        Deadline deadline = Deadline.in(timeout);
        try (Conversation conversation = converse(target, timeout)) {
            return switch (hold(conversation, target, deadline)) {
                case Conversation.Over(CheckResult result) -> result;
                case Conversation.Onward(HealthChecker rest) ->
                    deadline.remainingNanos() > 0
                            ? rest.check(target, Duration.ofNanos(deadline.remainingNanos()))
                            : conversation.timedOut();
            };
        }
    }

    private static Conversation.End hold(Conversation conversation, CheckTarget target, Deadline deadline) {
        try (Connection connection = Connection.open(target, deadline)) {
            return connection.hold(conversation);
        } catch (InterruptedIOException | ClosedByInterruptException e) {
            return new Conversation.Over(conversation.timedOut());
        } catch (IOException | RuntimeException e) {
            return new Conversation.Over(conversation.failed(e));
        }
    }
}
