package org.halvs.ipvs;

import java.util.List;

/** A virtual service with what it and its real servers carry now; the servers newest first, as in the table. */
public record ServiceStats(
        VirtualService service, TrafficCounters counters, TrafficRates rates, List<ServerStats> servers) {
    public ServiceStats {
        servers = List.copyOf(servers);
    }
}
