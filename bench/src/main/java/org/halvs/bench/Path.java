package org.halvs.bench;

import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;

/** A way packets take through the director, each with a virtual service of its own. */
public enum Path {
    /** IPv4 TCP from client to masqueraded server. */
    NAT(Protocol.TCP, true, ForwardingMethod.MASQUERADE, false, 80),
    /** The answers of such a server. */
    NAT_REPLY(Protocol.TCP, true, ForwardingMethod.MASQUERADE, true, 80),
    /** The same with IPv6. */
    NAT_IPV6(Protocol.TCP, false, ForwardingMethod.MASQUERADE, false, 80),
    NAT_REPLY_IPV6(Protocol.TCP, false, ForwardingMethod.MASQUERADE, true, 80),
    NAT_UDP(Protocol.UDP, true, ForwardingMethod.MASQUERADE, false, 53),
    DIRECT_ROUTE(Protocol.TCP, true, ForwardingMethod.DIRECT_ROUTE, false, 81),
    DIRECT_ROUTE_IPV6(Protocol.TCP, false, ForwardingMethod.DIRECT_ROUTE, false, 81),
    /** IP in IP. */
    TUNNEL(Protocol.TCP, true, ForwardingMethod.TUNNEL, false, 82);

    final Protocol protocol;
    final boolean ipv4;
    final ForwardingMethod method;
    final boolean reply;
    final int port;

    Path(Protocol protocol, boolean ipv4, ForwardingMethod method, boolean reply, int port) {
        this.protocol = protocol;
        this.ipv4 = ipv4;
        this.method = method;
        this.reply = reply;
        this.port = port;
    }
}
