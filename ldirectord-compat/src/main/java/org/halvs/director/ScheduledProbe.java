package org.halvs.director;

import java.time.Duration;

/**
 * A probe and how often it is wanted.
 *
 * @param interval the shortest of the intervals of all services that share the probe, positive
 */
public record ScheduledProbe(Probe probe, Duration interval) {}
