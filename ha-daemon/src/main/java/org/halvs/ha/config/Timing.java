package org.halvs.ha.config;

import java.time.Duration;

/**
 * The times of ha.cf; all greater than zero.
 *
 * @param keepalive between two signs of life
 * @param warntime silence that is worth a warning
 * @param deadtime silence after which a node is dead
 * @param initdead how long a starting node waits for the others it has never seen
 * @param deadping silence after which a ping node is dead
 */
public record Timing(Duration keepalive, Duration warntime, Duration deadtime, Duration initdead, Duration deadping) {}
