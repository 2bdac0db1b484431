package org.halvs.check.protocol;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckSpec.Negotiate;
import org.halvs.check.CheckTarget;
import org.halvs.check.ProbeKey;
import org.halvs.check.Service;
import org.halvs.check.runner.CheckRunner;
import org.halvs.check.runner.Probe;
import org.halvs.linux.MemoryIcmpEcho;
import org.jspecify.annotations.Nullable;

/** Exchanges as tests want them, and one line to hold them. */
final class Exchanges {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final HealthCheckers CHECKERS = new HealthCheckers(new MemoryIcmpEcho());

    private Exchanges() {}

    static Exchange of(Service service, String request, String receive, String login, String password) {
        return new Exchange(service, false, request, receive, "GET", "", login, password, "", "");
    }

    static Exchange byDatagram(Service service, String request, String receive) {
        return new Exchange(service, true, request, receive, "GET", "", "", "", "", "");
    }

    static CheckResult hold(Exchange exchange, CheckTarget target) {
        return hold(exchange, target, TIMEOUT);
    }

    static CheckResult hold(Exchange exchange, CheckTarget target, Duration timeout) {
        return CHECKERS.of(new Negotiate(exchange, timeout)).check(target, timeout);
    }

    /** As a site wants its checks to behave. */
    static CheckResult hold(Exchange exchange, CheckTarget target, ClientSettings client) {
        return new HealthCheckers(new MemoryIcmpEcho(), client)
                .of(new Negotiate(exchange, TIMEOUT))
                .check(target, TIMEOUT);
    }

    /** As {@link #hold}, on the thread of a runner where the check can be held there. */
    static CheckResult holdInRunner(Exchange exchange, CheckTarget target, Duration timeout) {
        CompletableFuture<CheckResult> first = new CompletableFuture<>();
        try (CheckRunner runner = new CheckRunner(CHECKERS::of, (_, result, _, _) -> first.complete(result))) {
            runner.update(
                    List.of(new Probe(new ProbeKey(target, new Negotiate(exchange, timeout)), Duration.ofMinutes(10))));
            return first.join();
        }
    }

    /** The reason of a failure, or null when it passed. */
    static @Nullable Reason reason(CheckResult result) {
        return result instanceof Failed(Reason reason, String _) ? reason : null;
    }
}
