package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** sh: a server for each source address, by hash, with as many buckets as its weight ({@code ip_vs_sh.c}). */
final class SourceHashing implements Scheduler {
    private static final int BITS = 8;
    private static final int SIZE = 1 << BITS;

    private final @Nullable Destination[] buckets = new Destination[SIZE];
    private final boolean fallback;
    private final boolean withPort;

    /**
     * @param fallback whether another bucket is tried when the chosen server takes no connections
     * @param withPort whether the source port counts
     */
    SourceHashing(boolean fallback, boolean withPort) {
        this.fallback = fallback;
        this.withPort = withPort;
    }

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        int key = (withPort ? flow.sourcePort : 0) + flow.sourceWord();
        int start = AddressHash.hash32(key, BITS);
        Destination chosen = buckets[start];
        if (chosen == null || chosen.takesConnections()) {
            return chosen;
        }
        for (int offset = 0; fallback && offset < SIZE; offset++) {
            int rotated = (offset + start) % SIZE;
            Destination other = buckets[rotated + AddressHash.hash32(key, BITS) & SIZE - 1];
            if (other == null || other.takesConnections()) {
                return other;
            }
        }
        return null;
    }

    @Override
    public void started(DestinationList servers) {
        Destination each = servers.head();
        int taken = 0;
        for (int i = 0; i < SIZE; i++) {
            buckets[i] = each;
            if (each != null && ++taken >= each.weight()) {
                each = each.next() == null ? servers.head() : each.next();
                taken = 0;
            }
        }
    }

    @Override
    public void added(DestinationList servers, Destination server) {
        started(servers);
    }

    @Override
    public void removed(DestinationList servers, Destination server, @Nullable Destination before) {
        started(servers);
    }

    @Override
    public void edited(DestinationList servers, Destination server) {
        started(servers);
    }
}
