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
        Duration checkInterval,
        boolean cleanStop,
        String name,
        int line) {
    public VirtualPlan {
        reals = List.copyOf(reals);
    }
}
