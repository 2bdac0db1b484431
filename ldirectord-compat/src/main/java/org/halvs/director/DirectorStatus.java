package org.halvs.director;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ServiceKey;

/**
 * A virtual service and what is known about its servers, at one moment.
 *
 * @param name {@code servicename =}, empty when there is none
 * @param reals in the order of the file
 * @param fallbackActive whether the fallback server is in the table
 */
public record DirectorStatus(ServiceKey service, String name, List<Real> reals, boolean fallbackActive) {
    public DirectorStatus {
        reals = List.copyOf(reals);
    }

    /** How a server is. */
    public enum Health {
        PENDING,
        UP,
        DOWN
    }

    /**
     * A real server.
     *
     * @param weight in the table, 0 also when it is not there
     * @param fullWeight as configured
     * @param reason why it is as it is, one sentence
     */
    public record Real(
            ServerName server,
            Health health,
            boolean listed,
            int weight,
            int fullWeight,
            Optional<ServerOverride> order,
            boolean removedByHand,
            String reason) {}

    static DirectorStatus of(VirtualState virtual, long nowNanos) {
        List<Real> reals = virtual.reals().stream()
                .map(real -> of(virtual, real, nowNanos))
                .toList();
        return new DirectorStatus(virtual.key(), virtual.plan().name(), reals, virtual.fallbackListed());
    }

    private static Real of(VirtualState virtual, RealState real, long nowNanos) {
        boolean listed = virtual.lists(real.plan().server()) && !real.removedByHand();
        Health health = switch (real.health()) {
            case PENDING -> Health.PENDING;
            case UP -> Health.UP;
            case DOWN -> Health.DOWN;
        };
        return new Real(
                real.name(),
                health,
                listed,
                listed && real.serving() ? real.weight(nowNanos) : 0,
                real.plan().server().weight(),
                real.override(),
                real.removedByHand(),
                real.reason());
    }
}
