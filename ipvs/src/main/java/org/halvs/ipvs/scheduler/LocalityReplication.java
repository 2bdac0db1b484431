package org.halvs.ipvs.scheduler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** lblcr: as lblc, but a destination may have a set of servers, which grows under load and shrinks with time ({@code ip_vs_lblcr.c}). */
final class LocalityReplication implements Scheduler {
    private static final class Entry extends LocalityCache.Entry {
        /** The newest first. */
        private final List<Destination> set = new ArrayList<>();

        private long modifiedNanos;

        void add(Destination server, long nowNanos) {
            if (!set.contains(server)) {
                set.addFirst(server);
                modifiedNanos = nowNanos;
            }
        }
    }

    private final LocalityCache.Expiration expiration;
    private final LocalityCache<Entry> cache;

    LocalityReplication(LocalityCache.Expiration expiration) {
        this.expiration = expiration;
        cache = new LocalityCache<>(expiration);
    }

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        Entry entry = cache.find(flow);
        if (entry != null) {
            Destination least = least(entry);
            if (entry.set.size() > 1 && flow.nowNanos - entry.modifiedNanos > expiration.seconds() * 1_000_000_000L) {
                Destination busiest = busiest(entry);
                if (busiest != null) {
                    entry.set.remove(busiest);
                    entry.modifiedNanos = flow.nowNanos;
                }
            }
            if (least != null && !LocalityCache.isBusyWhileOthersIdle(least, servers)) {
                return least;
            }
        }
        Destination chosen = WeightedLeastConnection.least(servers);
        if (chosen == null) {
            return null;
        }
        if (entry == null) {
            entry = new Entry();
            cache.add(flow, entry);
        }
        entry.add(chosen, flow.nowNanos);
        return chosen;
    }

    private static @Nullable Destination least(Entry entry) {
        Destination least = null;
        for (int i = 0; i < entry.set.size(); i++) {
            Destination each = entry.set.get(i);
            if (each.isOverloaded() || !each.isAvailable()) {
                continue;
            }
            if (least == null
                    ? each.weight() > 0
                    : least.overhead() * each.weight() > each.overhead() * least.weight()) {
                least = each;
            }
        }
        return least;
    }

    private static @Nullable Destination busiest(Entry entry) {
        Destination most = null;
        for (int i = 0; i < entry.set.size(); i++) {
            Destination each = entry.set.get(i);
            if (each.weight() > 0
                    && (most == null || most.overhead() * each.weight() < each.overhead() * most.weight())) {
                most = each;
            }
        }
        return most;
    }

    @Override
    public boolean remembers(Destination server) {
        return cache.any(entry -> entry.set.contains(server));
    }

    @Override
    public void tick(long nowNanos) {
        cache.tick(nowNanos);
    }
}
