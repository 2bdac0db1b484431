package org.halvs.check;

import java.time.Duration;

/** One kind of probe. Implementations are thread-safe. */
public interface HealthChecker {

    /**
     * Probes {@code target} once, blocking style, on a virtual thread. An interrupt means that nobody wants the result any more: the probe
     * gives up at once and its result is discarded.
     *
     * @param timeout positive; the probe answers {@link CheckResult.Reason#TIMED_OUT} when it has passed
     * @return what came of it; failures of every kind are results, never exceptions
     */
    CheckResult check(CheckTarget target, Duration timeout);
}
