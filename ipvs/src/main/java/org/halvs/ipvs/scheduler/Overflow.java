package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** ovf: the highest weight until it has more active connections than weight, then the next ({@code ip_vs_ovf.c}). */
final class Overflow implements Scheduler {
    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        Destination best = null;
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (each.takesConnections()
                    && each.active() <= each.weight()
                    && (best == null || each.weight() > best.weight())) {
                best = each;
            }
        }
        return best;
    }
}
