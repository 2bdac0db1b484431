package org.halvs.ipvs.scheduler;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What lblc and lblcr share: entries by destination address that are forgotten when nobody asks for them. Every 60 s the size is looked at, every
 * half an hour all entries ({@code ip_vs_lblc.c}, {@code ip_vs_lblcr.c}).
 */
final class LocalityCache<E extends LocalityCache.Entry> {
    /** An entry knows when it was last asked for. */
    abstract static class Entry {
        private long lastUseNanos;
    }

    private static final class Key {
        private boolean ipv4;
        private long high;
        private long low;

        Key set(Flow flow) {
            ipv4 = flow.ipv4;
            high = flow.destinationHigh;
            low = flow.destinationLow;
            return this;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that && ipv4 == that.ipv4 && high == that.high && low == that.low;
        }

        @Override
        public int hashCode() {
            return Long.hashCode((high * 31 + low) * 0x9e3779b97f4a7c15L);
        }
    }

    /** Entries before the size check starts to remove idle ones. */
    private static final int MAX = 1024 * 16;

    private static final long MINUTE = 60_000_000_000L;
    private static final long IDLE = 6 * MINUTE;
    private static final int FULL_SCAN_EVERY = 30;

    private final Map<Key, E> entries = new LinkedHashMap<>();
    /** For look-ups, so that they allocate nothing; never put into the map. */
    private final Key probe = new Key();

    private final Expiration expiration;
    private long nextCheckNanos = Long.MIN_VALUE;
    private int round;

    /** How long an unused entry lives; asked at each scan, since the setting can change. */
    @FunctionalInterface
    interface Expiration {
        int seconds();
    }

    LocalityCache(Expiration expiration) {
        this.expiration = expiration;
    }

    /** The entry for a flow's destination, marked as used now; null when there is none. */
    @Nullable
    E find(Flow flow) {
        E entry = entries.get(probe.set(flow));
        if (entry != null) {
            ((Entry) entry).lastUseNanos = flow.nowNanos;
        }
        return entry;
    }

    /** Keeps an entry, unless there are far too many already. */
    void add(Flow flow, E entry) {
        if (entries.size() < MAX + MAX / 2) {
            ((Entry) entry).lastUseNanos = flow.nowNanos;
            entries.put(new Key().set(flow), entry);
        }
    }

    int size() {
        return entries.size();
    }

    boolean any(Predicate<E> test) {
        return entries.values().stream().anyMatch(test);
    }

    void tick(long nowNanos) {
        if (nextCheckNanos == Long.MIN_VALUE) {
            nextCheckNanos = nowNanos + MINUTE;
        }
        if (nowNanos < nextCheckNanos) {
            return;
        }
        nextCheckNanos += MINUTE;
        if (round == FULL_SCAN_EVERY - 1) {
            removeIdle(nowNanos, expiration.seconds() * 1_000_000_000L, Integer.MAX_VALUE);
            round = 0;
        } else if (entries.size() > MAX) {
            removeIdle(nowNanos, IDLE, Math.min((entries.size() - MAX) * 4 / 3, MAX / 2));
        } else {
            round++; // COMPAT: only rounds without too many entries bring the full scan nearer
        }
    }

    private void removeIdle(long nowNanos, long idleNanos, int most) {
        List<Key> idle = new ArrayList<>();
        for (Map.Entry<Key, E> each : entries.entrySet()) {
            if (idle.size() >= most) {
                break;
            }
            if (nowNanos - ((Entry) each.getValue()).lastUseNanos >= idleNanos) {
                idle.add(each.getKey());
            }
        }
        idle.forEach(entries::remove);
    }

    /** Whether a server has more active connections than its weight while another one has less than half of what it could take. */
    static boolean isBusyWhileOthersIdle(Destination server, DestinationList servers) {
        if (server.active() <= server.weight()) {
            return false;
        }
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if ((long) each.active() * 2 < each.weight()) {
                return true;
            }
        }
        return false;
    }
}
