package org.halvs.ipvs.forward;

import java.util.List;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.ServiceKey;
import org.halvs.linux.IpAddress;

/**
 * The packets the local stack must not see because the processor answers for them. Without this the stack would send a reset for an address it
 * has but a port nobody listens on, and would route a real server's replies with the wrong source address. AH and ESP are not named: they are withheld
 * with UDP port 500, whose connections they follow.
 *
 * @param served packets to virtual services, in the order of the table
 * @param marks firewall marks of virtual services; packets of these marks are withheld where the port can match a mark
 * @param masqueraded packets from real servers behind network address translation, each once
 */
public record WithheldTraffic(List<Served> served, List<ServiceKey.FirewallMark> marks, List<Masqueraded> masqueraded) {
    public static final WithheldTraffic NOTHING = new WithheldTraffic(List.of(), List.of(), List.of());

    public WithheldTraffic {
        served = List.copyOf(served);
        marks = List.copyOf(marks);
        masqueraded = List.copyOf(masqueraded);
    }

    /**
     * Packets to an address of the director.
     *
     * @param firstPort the lowest destination port, 0 to 65535
     * @param lastPort the highest one; the same as the first for an ordinary service
     */
    public record Served(Protocol protocol, IpAddress address, int firstPort, int lastPort) {}

    /**
     * Packets from a real server that are not for the director itself.
     *
     * @param port the source port; 0 for every port
     */
    public record Masqueraded(Protocol protocol, IpAddress address, int port) {}
}
