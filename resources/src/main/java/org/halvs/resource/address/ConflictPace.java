package org.halvs.resource.address;

import java.util.LinkedHashMap;
import java.util.Map;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/**
 * How often a conflict is reported and an address defended. Pure: {@code nowNanos} is a clock that only grows. Confined
 * to whoever calls it.
 */
final class ConflictPace {
    /** DEFEND_INTERVAL of RFC 5227 section 1.1: two hosts that both insist would flood the network. */
    private static final long DEFEND_NANOS = 10_000_000_000L;

    private static final long REPORT_NANOS = 60_000_000_000L;

    /** Somebody who claims with ever new MACs must not fill the memory. */
    private static final int MOST = 10_000;

    private final Map<Object, Long> next = new LinkedHashMap<>();

    private record Conflict(IpAddress address, MacAddress mac) {}

    /** Whether to report now that {@code mac} claims the address; if so, that counts as done. */
    boolean reports(IpAddress address, MacAddress mac, long nowNanos) {
        return allows(new Conflict(address, mac), REPORT_NANOS, nowNanos);
    }

    /** Whether to announce the address now against another claim; if so, that counts as done. */
    boolean defends(IpAddress address, long nowNanos) {
        return allows(address, DEFEND_NANOS, nowNanos);
    }

    private boolean allows(Object what, long intervalNanos, long nowNanos) {
        Long due = next.get(what);
        if (due != null && nowNanos - due < 0) {
            return false;
        }
        if (next.size() >= MOST) {
            next.clear();
        }
        next.put(what, nowNanos + intervalNanos);
        return true;
    }
}
