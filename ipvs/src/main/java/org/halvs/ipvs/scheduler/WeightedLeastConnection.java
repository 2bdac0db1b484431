package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** wlc: the fewest connections for its weight ({@code ip_vs_wlc.c}). */
final class WeightedLeastConnection implements Scheduler {
    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        return least(servers);
    }

    /** The rule itself, which lblc and lblcr use too. */
    static @Nullable Destination least(DestinationList servers) {
        Destination least = servers.head();
        while (least != null && !least.takesConnections()) {
            least = least.next();
        }
        if (least == null) {
            return null;
        }
        long leastLoad = least.overhead();
        for (Destination each = least.next(); each != null; each = each.next()) {
            if (each.isOverloaded()) {
                continue;
            }
            long load = each.overhead();
            if (leastLoad * each.weight() > load * least.weight()) {
                least = each;
                leastLoad = load;
            }
        }
        return least;
    }
}
