package org.halvs.director;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.VirtualService;

/**
 * A configured virtual service.
 *
 * @param reals in the order of the file
 * @param fallback the server that takes over when no real server is up; always weight 1, never checked
 * @param fallbackCommand the command run with {@code start} or {@code stop} when that happens, for a shell
 * @param failureCount consecutive failures that make a server down, 1 or more
 * @param recovery how a server that was down comes back
 * @param checkInterval time from one probe of a server to the next, positive
 * @param cleanStop whether the service leaves the table when the director stops
 * @param name {@code servicename =}, empty when there is none
 * @param line of the {@code virtual =} directive, from 1
 */
public record VirtualPlan(
        VirtualService service,
        List<RealPlan> reals,
        Optional<RealServer> fallback,
        Optional<String> fallbackCommand,
        Quiescence quiescence,
        int failureCount,
        Recovery recovery,
        Duration checkInterval,
        boolean cleanStop,
        String name,
        int line) {
    public VirtualPlan {
        reals = List.copyOf(reals);
        if (failureCount < 1) {
            throw new IllegalArgumentException("failurecount " + failureCount);
        }
    }

    /** A service whose servers come back as ldirectord brings them back: at once. */
    public VirtualPlan(
            VirtualService service,
            List<RealPlan> reals,
            Optional<RealServer> fallback,
            Optional<String> fallbackCommand,
            Quiescence quiescence,
            int failureCount,
            Duration checkInterval,
            boolean cleanStop,
            String name,
            int line) {
        this(
                service,
                reals,
                fallback,
                fallbackCommand,
                quiescence,
                failureCount,
                Recovery.AT_ONCE,
                checkInterval,
                cleanStop,
                name,
                line);
    }

    public VirtualPlan withRecovery(Recovery newRecovery) {
        return new VirtualPlan(
                service,
                reals,
                fallback,
                fallbackCommand,
                quiescence,
                failureCount,
                newRecovery,
                checkInterval,
                cleanStop,
                name,
                line);
    }
}
