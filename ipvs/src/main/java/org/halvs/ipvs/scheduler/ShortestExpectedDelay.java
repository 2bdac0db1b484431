package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** sed: the shortest queue for its weight, the new connection included ({@code ip_vs_sed.c}). */
final class ShortestExpectedDelay implements Scheduler {
    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        Destination least = null;
        long leastLoad = 0;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (!each.takesConnections()) {
                continue;
            }
            long load = each.active() + 1L;
            if (least == null || leastLoad * each.weight() > load * least.weight()) {
                least = each;
                leastLoad = load;
            }
        }
        return least;
    }
}
