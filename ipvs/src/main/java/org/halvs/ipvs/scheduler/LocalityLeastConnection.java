package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** lblc: requests for one destination go to one server while it can take them; for clusters of proxies ({@code ip_vs_lblc.c}). */
final class LocalityLeastConnection implements Scheduler {
    private static final class Entry extends LocalityCache.Entry {
        private final Destination server;

        Entry(Destination server) {
            this.server = server;
        }
    }

    private final LocalityCache<Entry> cache;

    LocalityLeastConnection(LocalityCache.Expiration expiration) {
        cache = new LocalityCache<>(expiration);
    }

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        Entry entry = cache.find(flow);
        if (entry != null
                && entry.server.isAvailable()
                && entry.server.weight() > 0
                && !LocalityCache.isBusyWhileOthersIdle(entry.server, servers)) {
            return entry.server;
        }
        Destination chosen = WeightedLeastConnection.least(servers);
        if (chosen != null) {
            cache.add(flow, new Entry(chosen));
        }
        return chosen;
    }

    /** How many destinations have a server. */
    int cached() {
        return cache.size();
    }

    @Override
    public boolean remembers(Destination server) {
        return cache.any(entry -> entry.server.equals(server));
    }

    @Override
    public void tick(long nowNanos) {
        cache.tick(nowNanos);
    }
}
