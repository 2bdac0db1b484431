package org.halvs.check.runner;

import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;

/**
 * Takes the results of probes. Called from many threads, for one key never from two at once and in the order of the probes; it should hand
 * the result on and return. An exception of the listener is logged and otherwise ignored.
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
}
