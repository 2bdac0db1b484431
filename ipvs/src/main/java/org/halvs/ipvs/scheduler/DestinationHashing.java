package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** dh: a server for each destination address, by hash, weights ignored ({@code ip_vs_dh.c}). */
final class DestinationHashing implements Scheduler {
    private static final int BITS = 8;

    private final @Nullable Destination[] buckets = new Destination[1 << BITS];

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        Destination chosen = buckets[AddressHash.hash32(flow.destinationWord(), BITS)];
        return chosen != null && chosen.takesConnections() ? chosen : null;
    }

    @Override
    public void started(DestinationList servers) {
        Destination each = servers.head();
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = each;
            each = each == null || each.next() == null ? servers.head() : each.next();
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
}
