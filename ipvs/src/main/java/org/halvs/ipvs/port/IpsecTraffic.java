package org.halvs.ipvs.port;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.forward.WithheldTraffic;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Udp;
import org.halvs.linux.IpAddress;
import org.halvs.linux.StackGuard;

/**
 * AH and ESP go where UDP port 500 goes, so the local stack must not see them either: to an address it has it would answer "protocol unreachable",
 * and those of a masqueraded server it would route as they are.
 */
final class IpsecTraffic {
    private static final int LAST_PORT = 65535;

    private IpsecTraffic() {}

    /**
     * What is to be withheld besides packets to ports of an address: nothing when keys are exchanged by none of them.
     *
     * @param protocol the number in the IP header
     */
    static Stream<StackGuard.Served> served(int protocol, IpAddress address, int firstPort, int lastPort) {
        return protocol == Protocol.UDP.number() && firstPort <= Udp.ISAKMP && lastPort >= Udp.ISAKMP
                ? protocols(address).mapToObj(each -> new StackGuard.Served(each, address, 0, LAST_PORT))
                : Stream.empty();
    }

    /** What is to be withheld besides packets of a masqueraded server. */
    static Stream<StackGuard.Translated> translated(WithheldTraffic.Masqueraded server) {
        return server.protocol() == Protocol.UDP && (server.port() == Udp.ISAKMP || server.port() == 0)
                ? protocols(server.address()).mapToObj(each -> new StackGuard.Translated(each, server.address(), 0))
                : Stream.empty();
    }

    /** COMPAT: in IPv6 packets AH is passed over like any other header in front of the transport header. */
    private static IntStream protocols(IpAddress address) {
        return address.isIpv4() ? IntStream.of(IpProtocol.ESP, IpProtocol.AH) : IntStream.of(IpProtocol.ESP);
    }
}
