package org.halvs.linux;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * That something of the network has changed; how it is now is to be read from {@link Rtnetlink}.
 *
 * @param kinds what changed, in the order of {@link Kind}
 * @param resync whether notifications were lost, so that any of the watched kinds may have changed; {@code kinds} then
 *     holds them all
 * @param removals the addresses that were removed meanwhile, as far as notifications were not lost
 * @param moved the indexes of interfaces whose neighbours have to be told where their addresses are: a bond has changed
 *     its active port, a virtual machine its host
 */
public record NetworkChange(Set<Kind> kinds, boolean resync, List<Removal> removals, Set<Integer> moved) {

    /** The tables of {@link Rtnetlink}, and what it has no table for. */
    public enum Kind {
        LINKS,
        ADDRESSES,
        /** And the rules that choose among their tables. */
        ROUTES,
        NEIGHBOURS,
        /** Whether the kernel routes packets of others: {@code net.ipv4.ip_forward}, {@code net.ipv6.conf.all.forwarding}, and the like for each interface. */
        FORWARDING
    }

    /**
     * An address was removed.
     *
     * @param requester the netlink port of who asked for it, which for most programs is the process id; 0 for the
     *     kernel itself, and always for IPv6
     */
    public record Removal(InterfaceAddress address, long requester) {}

    public NetworkChange {
        EnumSet<Kind> ordered = EnumSet.noneOf(Kind.class);
        ordered.addAll(kinds);
        kinds = Collections.unmodifiableSet(ordered);
        removals = List.copyOf(removals);
        moved = Set.copyOf(moved);
    }

    /** A change without particulars. */
    public NetworkChange(Set<Kind> kinds, boolean resync) {
        this(kinds, resync, List.of(), Set.of());
    }
}
