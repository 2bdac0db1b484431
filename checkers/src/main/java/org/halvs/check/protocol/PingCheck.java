package org.halvs.check.protocol;

import java.time.Duration;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.check.HealthChecker;
import org.halvs.linux.IcmpEcho;
import org.halvs.linux.IcmpEcho.EchoResult;

/** {@code checktype = ping}: ICMP echo, as many tries as asked for. Thread-safe. */
final class PingCheck implements HealthChecker {
    private final IcmpEcho echo;
    private final CheckSpec.Ping ping;

    PingCheck(IcmpEcho echo, CheckSpec.Ping ping) {
        this.echo = echo;
        this.ping = ping;
    }

    @Override
    public CheckResult check(CheckTarget target, Duration timeout) {
        CheckResult last = ExchangeFailure.timedOut(timeout);
        try {
            for (int i = 0; i < ping.tries(); i++) {
                switch (echo.ping(target.address(), ping.tryTimeout())) {
                    case EchoResult.Answered(Duration roundTrip) -> {
                        return new Passed("answered in " + roundTrip.toNanos() / 1000 + " us");
                    }
                    case EchoResult.Silent _ -> last = new Failed(Reason.TIMED_OUT, "no answer to ping");
                    case EchoResult.NotSent(var error) ->
                        last = new Failed(Reason.REFUSED, "cannot send: " + error.getMessage());
                }
            }
            return last;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExchangeFailure.timedOut(timeout);
        } catch (IllegalStateException e) {
            return new Failed(Reason.NOT_POSSIBLE, "the ping socket is closed");
        }
    }
}
