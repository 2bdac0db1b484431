package org.halvs.ipvs;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One virtual service, without its real servers.
 *
 * @param key what clients address
 * @param scheduler how a real server is chosen for a new connection
 * @param schedulerFlags the flags of the scheduler, in the order of their bits
 * @param persistence present when connections of a client stick to one real server
 * @param onePacket one-packet scheduling: every datagram is scheduled anew; UDP and firewall marks only
 * @param idleEngine a persistence engine given without persistence: it does nothing. COMPAT: the kernel keeps it, and {@code ipvsadm -S} shows it
 */
public record VirtualService(
        ServiceKey key,
        SchedulerKind scheduler,
        List<SchedulerFlag> schedulerFlags,
        Optional<Persistence> persistence,
        boolean onePacket,
        Optional<String> idleEngine) {

    public VirtualService {
        Set<SchedulerFlag> sorted = EnumSet.noneOf(SchedulerFlag.class);
        sorted.addAll(schedulerFlags);
        schedulerFlags = List.copyOf(sorted);
    }

    /** A service without an idle engine. */
    public VirtualService(
            ServiceKey key,
            SchedulerKind scheduler,
            List<SchedulerFlag> schedulerFlags,
            Optional<Persistence> persistence,
            boolean onePacket) {
        this(key, scheduler, schedulerFlags, persistence, onePacket, Optional.empty());
    }

    /** A service with no flags, no persistence and no one-packet scheduling. */
    public static VirtualService of(ServiceKey key, SchedulerKind scheduler) {
        return new VirtualService(key, scheduler, List.of(), Optional.empty(), false);
    }
}
