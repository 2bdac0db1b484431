package org.halvs.ipvs.forward;

import org.jspecify.annotations.Nullable;

/** Where a packet goes next: interface, Ethernet addresses, MTU. Mutable and reused. */
final class Hop {
    boolean reachable;
    /** The route that refuses packets to the destination; null when there is none at all, or the destination is reachable. */
    NetworkView.Route.@Nullable Kind refusal;

    /** The destination is an address of this machine. */
    boolean local;

    int interfaceIndex;
    int mtu;
    long sourceMac;
    /** {@link NetworkView#NO_MAC} when the next hop is not resolved. */
    long targetMac;
    /** The neighbour that gets the packet: the gateway or the destination itself. */
    boolean nextIpv4;

    long nextHigh;
    long nextLow;
    /** The source address of packets the director makes for this way; only filled for real servers. */
    boolean hasSource;

    long sourceHigh;
    long sourceLow;
}
