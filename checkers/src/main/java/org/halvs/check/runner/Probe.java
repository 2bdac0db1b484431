package org.halvs.check.runner;

import java.time.Duration;
import org.halvs.check.ProbeKey;

/**
 * A check that is wanted again and again. Immutable.
 *
 * @param interval from one start to the next, at a fixed rate; positive
 */
public record Probe(ProbeKey key, Duration interval) {
    public Probe {
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("the interval of " + key + " must be positive, not " + interval);
        }
    }
}
