package org.halvs.linux;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the kernel answers to "how would you send to this address".
 *
 * @param linkIndex the interface the packet leaves by; the loopback for a local destination
 * @param gateway the next hop; empty when the destination itself is the next hop
 * @param preferredSource the source address a local sender would get
 * @param mtuBytes the route's own limit (configured, or learnt from path MTU discovery); empty when only the interface
 *     limits
 * @param local whether the address is one of this host's own
 */
public record RouteLookup(
        int linkIndex,
        Optional<IpAddress> gateway,
        Optional<IpAddress> preferredSource,
        OptionalInt mtuBytes,
        boolean local) {

    /** The address whose MAC the frame needs: the gateway, or {@code destination} itself on the link. */
    public IpAddress nextHop(IpAddress destination) {
        return gateway.orElse(destination);
    }
}
