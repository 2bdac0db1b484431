package org.halvs.ha.takeover;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How many ping nodes each member reaches, taken over only when nobody's number has changed for a while: when a router goes, all nodes lose it, but not in the
 * same moment. Confined to the control loop.
 */
final class PingBalance {
    private Map<String, Integer> heard = Map.of();
    private Map<String, Integer> settled = Map.of();
    private long sinceNanos;

    void observe(Map<String, Integer> numbers, long settleNanos, long nowNanos) {
        if (!numbers.equals(heard)) {
            heard = new TreeMap<>(numbers);
            sinceNanos = nowNanos;
        }
        if (nowNanos - sinceNanos >= settleNanos) {
            settled = heard;
        }
    }

    /** By node. */
    Map<String, Integer> settled() {
        return settled;
    }

    /** When {@link #observe} has to be called at the latest. */
    Optional<Long> wakeup(long settleNanos) {
        return settled.equals(heard) ? Optional.empty() : Optional.of(sinceNanos + settleNanos);
    }
}
