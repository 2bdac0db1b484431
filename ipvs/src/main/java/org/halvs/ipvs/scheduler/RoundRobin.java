package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/** rr: one after the other, whatever the weights but 0 ({@code ip_vs_rr.c}). */
final class RoundRobin implements Scheduler {
    /** The last choice; null stands for the head of the list, before the first server. */
    private @Nullable Destination last;

    @Override
    public @Nullable Destination choose(DestinationList servers, Flow flow) {
        Destination start = last;
        for (Destination each = start == null ? servers.head() : start.next(); each != null; each = each.next()) {
            if (each.takesConnections()) {
                last = each;
                return each;
            }
        }
        if (start == null) {
            return null;
        }
        for (Destination each = servers.head(); each != null; each = each.next()) {
            if (each.takesConnections()) {
                last = each;
                return each;
            }
            if (each.equals(start)) {
                return null;
            }
        }
        return null;
    }

    @Override
    public void started(DestinationList servers) {
        last = null;
    }

    @Override
    public void removed(DestinationList servers, Destination server, @Nullable Destination before) {
        if (server.equals(last)) {
            last = before;
        }
    }
}
