package org.halvs.ipvs.packet;

/** Protocol numbers in IP headers (IANA). */
public final class IpProtocol {
    public static final int ICMP = 1;
    public static final int IPIP = 4;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int IPV6 = 41;
    public static final int GRE = 47;
    public static final int ESP = 50;
    public static final int AH = 51;
    public static final int ICMPV6 = 58;
    public static final int SCTP = 132;

    private IpProtocol() {}

    /** Whether a virtual service can have this protocol. */
    public static boolean isTransport(int protocol) {
        return protocol == TCP || protocol == UDP || protocol == SCTP;
    }

    /** Whether this is one of the two protocols of IPsec. In IPv6 packets AH is a header in front of the transport header, never the protocol. */
    public static boolean isIpsec(int protocol) {
        return protocol == ESP || protocol == AH;
    }
}
