package org.halvs.resource.address;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.halvs.linux.IpAddress;

/**
 * How often an address that somebody keeps removing is put back at once. Beyond that it waits for the regular check of
 * its group, which gives the group up when that goes on. Pure; confined to whoever calls it.
 */
final class RepairPace {
    private static final int MOST = 10;
    private static final long WINDOW_NANOS = 10_000_000_000L;

    private final Map<IpAddress, Deque<Long>> repairs = new LinkedHashMap<>();

    /** Whether it may be put back now; if so, that counts as done. */
    boolean allows(IpAddress address, long nowNanos) {
        Deque<Long> recent = repairs.computeIfAbsent(address, _ -> new ArrayDeque<>());
        while (!recent.isEmpty() && nowNanos - recent.getFirst() > WINDOW_NANOS) {
            recent.removeFirst();
        }
        if (recent.size() >= MOST) {
            return false;
        }
        recent.addLast(nowNanos);
        return true;
    }

    void forget(IpAddress address) {
        repairs.remove(address);
    }
}
