package org.halvs.ldirectord.daemon;

import java.util.function.Function;
import org.halvs.check.CheckSpec;
import org.halvs.check.HealthChecker;

/**
 * What a daemon is made of.
 *
 * @param config the file it serves
 * @param checkers makes the checker of each specification
 * @param plane makes what follows the table
 */
public record DaemonSettings(
        ConfigSource config,
        Function<CheckSpec, HealthChecker> checkers,
        DaemonPlane.Opener plane,
        Surroundings surroundings) {}
