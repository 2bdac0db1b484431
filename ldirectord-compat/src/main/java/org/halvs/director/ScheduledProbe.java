package org.halvs.director;

import java.time.Duration;
import org.halvs.check.ProbeKey;

/**
 * A probe and how often it is wanted.
 *
 * @param interval the shortest of the intervals of all services that share the probe, positive
 */
public record ScheduledProbe(ProbeKey key, Duration interval) {}
