package org.halvs.check.runner;

import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;

/**
 * What came of one probe. Immutable.
 *
 * @param startedNanos when it began, by {@link System#nanoTime()}
 * @param durationNanos how long it took, 0 or more
 */
public record ProbeReport(ProbeKey key, CheckResult result, long startedNanos, long durationNanos) {}
