package org.halvs.ha.membership;

import java.time.Duration;

/** Something happened to the paths by which the nodes hear each other. The membership may or may not change with it. */
public sealed interface PathEvent {

    /** {@code node} is heard on {@code link} again, or is not heard on it any more. */
    record LinkChanged(String node, String link, boolean up) implements PathEvent {}

    /**
     * A heartbeat came later than warntime after the one before it.
     *
     * @param interval between the two
     * @param deadtime what would have been too late
     */
    record LateHeartbeat(String node, Duration interval, Duration deadtime) implements PathEvent {}

    /**
     * This node did not run for so long that the others may have declared it dead: paused, starved, or stopped. What it believes about the
     * others is that much too old.
     */
    record Asleep(Duration asleep) implements PathEvent {}

    /** {@code node} is heard and says that it does not hear this one ({@code notHeard}), or that it does again. */
    record OneWay(String node, boolean notHeard) implements PathEvent {}

    /** {@code node} was not heard on any path for so long that it will be silent in a moment, unless it is heard meanwhile. */
    record Overdue(String node) implements PathEvent {}
}
