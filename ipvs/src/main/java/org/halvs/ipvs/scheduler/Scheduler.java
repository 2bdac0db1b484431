package org.halvs.ipvs.scheduler;

import org.jspecify.annotations.Nullable;

/**
 * Chooses a real server for a new connection. The hooks tell it of changes of the list <em>after</em> they have happened; a scheduler given to
 * a service that has servers already gets {@link #started} and no hook for them.
 */
public interface Scheduler {

    /** The server for a new connection, or null when none takes it. Never one of weight 0 or overloaded, unless the algorithm says so. */
    @Nullable
    Destination choose(DestinationList servers, Flow flow);

    /** The scheduler begins its work with these servers. */
    default void started(DestinationList servers) {}

    default void added(DestinationList servers, Destination server) {}

    /** @param before the server that stood before it in the list, null when it was the first */
    default void removed(DestinationList servers, Destination server, @Nullable Destination before) {}

    /** Weight or thresholds of a server changed. */
    default void edited(DestinationList servers, Destination server) {}

    /** Whether it remembers a server; one that was deleted is not forgotten meanwhile. */
    default boolean remembers(Destination server) {
        return false;
    }

    /** Time passes; called every second or so. */
    default void tick(long nowNanos) {}
}
