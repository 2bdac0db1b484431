package org.halvs.ipvs;

import java.util.List;

/**
 * Everything a plane counts, at one moment.
 *
 * @param revision of the table the figures belong to
 * @param drops packets not forwarded, by reason, in the order of the reasons' names
 */
public record ForwardingStats(
        long revision,
        List<ServiceStats> services,
        TrafficCounters total,
        TrafficRates totalRates,
        List<DropCount> drops) {
    public static final ForwardingStats EMPTY =
            new ForwardingStats(0, List.of(), TrafficCounters.ZERO, TrafficRates.ZERO, List.of());

    public ForwardingStats {
        services = List.copyOf(services);
        drops = List.copyOf(drops);
    }

    /** How many packets were dropped for one reason. */
    public record DropCount(String reason, long packets) {}
}
