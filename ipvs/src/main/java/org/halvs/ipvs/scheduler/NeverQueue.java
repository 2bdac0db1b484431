package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** nq: the first idle server, else the shortest expected delay ({@code ip_vs_nq.c}). */
final class NeverQueue implements Scheduler {
    private final ShortestExpectedDelay delay = new ShortestExpectedDelay();

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (each.takesConnections() && each.active() == 0) {
                return each;
            }
        }
        return delay.choose(servers, flow);
    }
}
