package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** fo: the server with the highest weight, as long as it is there ({@code ip_vs_fo.c}). */
final class WeightedFailover implements Scheduler {
    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        Destination best = null;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (each.takesConnections() && (best == null || each.weight() > best.weight())) {
                best = each;
            }
        }
        return best;
    }
}
