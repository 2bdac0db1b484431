package org.halvs.ipvs.admin;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;

/**
 * A virtual service as a command line asks for it; its scheduler and engine need not exist.
 *
 * @param scheduler the word after {@code -s}
 * @param timeoutSeconds of the persistence, where there is to be one
 * @param netmask as in {@link Persistence}; COMPAT: without a timeout the kernel keeps it, but nothing shows or uses it
 * @param engine the word after {@code --pe}; without a timeout it does nothing but stand in saved rules
 */
public record ServiceRequest(
        ServiceKey key,
        String scheduler,
        List<SchedulerFlag> schedulerFlags,
        Optional<Integer> timeoutSeconds,
        int netmask,
        Optional<String> engine,
        boolean onePacket) {
    private static final String SIP = "sip";

    public ServiceRequest {
        schedulerFlags = List.copyOf(schedulerFlags);
    }

    /** The service, or empty when there is no such scheduler or persistence engine. */
    public Optional<VirtualService> service() {
        Optional<SchedulerKind> kind = SchedulerKind.of(scheduler);
        if (kind.isEmpty() || engine.isPresent() && !engine.get().equals(SIP)) {
            return Optional.empty();
        }
        Optional<Persistence> persistence = timeoutSeconds.map(seconds -> new Persistence(seconds, netmask, engine));
        Optional<String> idleEngine = persistence.isPresent() ? Optional.empty() : engine;
        return Optional.of(new VirtualService(key, kind.get(), schedulerFlags, persistence, onePacket, idleEngine));
    }
}
