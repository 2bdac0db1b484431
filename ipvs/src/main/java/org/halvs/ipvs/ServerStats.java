package org.halvs.ipvs;

/**
 * A real server with what it carries now.
 *
 * @param active connections in an active state
 * @param inactive all others of its connections, without templates
 * @param persistent templates
 */
public record ServerStats(
        RealServer server, int active, int inactive, int persistent, TrafficCounters counters, TrafficRates rates) {}
