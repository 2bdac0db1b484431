package org.halvs.director;

import org.halvs.ipvs.ServiceKey;

/**
 * A decision of the director, with the reason for it in a sentence a tired person can read. {@link EventText} has the words ldirectord would
 * have logged.
 */
public sealed interface DirectorEvent {

    /** The virtual service it is about. */
    ServiceKey service();

    /** When a thing leaves the table that no check has to do with. */
    enum Occasion {
        /** A start or a reload found it in the table and not in the configuration. */
        START,
        /** The director stops. */
        STOP
    }

    /** A service was added to the table. */
    record VirtualAdded(ServiceKey service) implements DirectorEvent {}

    /**
     * A service was in the table already when the director started or reloaded.
     *
     * @param differs whether it has to be changed to be as configured
     */
    record VirtualChanged(ServiceKey service, boolean differs) implements DirectorEvent {}

    /** A service left the table. */
    record VirtualPurged(ServiceKey service, Occasion occasion) implements DirectorEvent {}

    /** A server that was not in the table is there now, with {@code weight}. */
    record RealAdded(ServiceKey service, ServerName server, int weight, String reason) implements DirectorEvent {}

    /** A server of the table is up, or is up with other properties, and has {@code weight} now. */
    record RealRestored(ServiceKey service, ServerName server, int weight, String reason) implements DirectorEvent {}

    /** The weight of a server that is up changed for another reason than a check. */
    record RealWeightChanged(ServiceKey service, ServerName server, int weight, String reason)
            implements DirectorEvent {}

    /** A server of the table has weight 0 now. */
    record RealQuiesced(ServiceKey service, ServerName server, String reason) implements DirectorEvent {}

    /** A server that is down was put into the table with weight 0, because {@code readdquiescent = yes}. */
    record RealReadded(ServiceKey service, ServerName server, String reason) implements DirectorEvent {}

    /** A server that is down left the table. */
    record RealDeleted(ServiceKey service, ServerName server, String reason) implements DirectorEvent {}

    /** A server left the table for another reason than a check. */
    record RealPurged(ServiceKey service, ServerName server, Occasion occasion, String reason)
            implements DirectorEvent {}

    /** The first check of a server failed: it stays out of service, nothing in the table changes. */
    record FirstCheckFailed(ServiceKey service, ServerName server, String reason) implements DirectorEvent {}

    /** A check failed, but not often enough to count. */
    record SoftFailure(ServiceKey service, ServerName server, int failures, int limit, String reason)
            implements DirectorEvent {}

    /** A check is good again after {@code failures} failures. */
    record SoftFailureReset(ServiceKey service, ServerName server, int failures) implements DirectorEvent {}

    /** No server is up: the fallback server takes over. */
    record FallbackAdded(ServiceKey service, ServerName server, String reason) implements DirectorEvent {}

    /** The fallback server left the table. */
    record FallbackDeleted(ServiceKey service, ServerName server, String reason) implements DirectorEvent {}

    /** Somebody removed a server from the kernel's table and is respected, because {@code readdquiescent = no}. */
    record RemovedByHand(ServiceKey service, ServerName server, String reason) implements DirectorEvent {}
}
