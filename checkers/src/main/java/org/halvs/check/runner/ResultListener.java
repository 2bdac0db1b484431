package org.halvs.check.runner;

import java.util.List;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;

/**
 * Takes the results of probes. Called from many threads, but by one at a time and for one key in the order of the probes; it should hand the results
 * on and return. An exception of the listener is logged and otherwise ignored.
 *
 * <p>What is new comes at once. A result that says once more that a server is well may wait for company, for at most
 * {@link CheckRunner#COMPANY_MILLIS}: whoever has a thread to wake for results does so ten times a second, not ten thousand.
 */
@FunctionalInterface
public interface ResultListener {

    /**
     * One probe has ended.
     *
     * @param startedNanos when it began, by {@link System#nanoTime()}
     * @param durationNanos how long it took, 0 or more
     */
    void onResult(ProbeKey key, CheckResult result, long startedNanos, long durationNanos);

    /** Some probes have ended, in this order; 1 or more. */
    default void onResults(List<ProbeReport> reports) {
        for (ProbeReport report : reports) {
            onResult(report.key(), report.result(), report.startedNanos(), report.durationNanos());
        }
    }
}
