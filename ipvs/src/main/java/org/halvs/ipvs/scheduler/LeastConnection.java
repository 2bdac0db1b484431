package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** lc: the fewest connections, weights ignored but 0 ({@code ip_vs_lc.c}). */
final class LeastConnection implements Scheduler {
    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        Destination least = null;
        long leastLoad = 0;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (!each.takesConnections()) {
                continue;
            }
            long load = each.overhead();
            if (least == null || load < leastLoad) {
                least = each;
                leastLoad = load;
            }
        }
        return least;
    }
}
