package org.halvs.ipvs.packet;

/** Protocol numbers in IP headers (IANA). */
public final class IpProtocol {
    public static final int ICMP = 1;
    public static final int IPIP = 4;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int IPV6 = 41;
    public static final int GRE = 47;
    public static final int ICMPV6 = 58;
    public static final int SCTP = 132;

    private IpProtocol() {}

    /** Whether a virtual service can have this protocol. */
    public static boolean isTransport(int protocol) {
        return protocol == TCP || protocol == UDP || protocol == SCTP;
    }
}
