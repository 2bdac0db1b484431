package org.halvs.check.protocol;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckTarget;
import org.halvs.check.HealthChecker;

/** A dialogue whose every end is a result. Immutable. */
final class GuardedChecker implements HealthChecker {
    private final Dialogue dialogue;
    private final Optional<Duration> whole;

    GuardedChecker(Dialogue dialogue) {
        this(dialogue, Optional.empty());
    }

    private GuardedChecker(Dialogue dialogue, Optional<Duration> whole) {
        this.dialogue = dialogue;
        this.whole = whole;
    }

    /** The rest of a check that has been given {@code whole}, of which a part is over. */
    static GuardedChecker rest(Duration whole, Dialogue dialogue) {
        return new GuardedChecker(dialogue, Optional.of(whole));
    }

    @Override
    public CheckResult check(CheckTarget target, Duration timeout) {
        Deadline deadline = Deadline.in(timeout, whole.orElse(timeout));
        try {
            return dialogue.hold(target, deadline);
        } catch (IOException | RuntimeException e) {
            boolean timeIsOver = Thread.currentThread().isInterrupted() || deadline.remainingNanos() <= 0;
            return ExchangeFailure.of(e, target, deadline.whole(), timeIsOver);
        }
    }
}
