package org.halvs.ipvs.packet;

/** Types and codes of ICMP (RFC 792) and ICMPv6 (RFC 4443). */
public final class Icmp {
    /** Length of an error's header; the packet it is about follows. */
    public static final int HEADER = 8;

    public static final int UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;
    public static final int NET_UNREACHABLE = 0;
    public static final int HOST_UNREACHABLE = 1;
    public static final int PORT_UNREACHABLE = 3;
    public static final int FRAGMENTATION_NEEDED = 4;
    /** Communication administratively prohibited (RFC 1812 section 5.2.7.1). */
    public static final int PROHIBITED = 13;

    public static final int V6_UNREACHABLE = 1;
    public static final int V6_TOO_BIG = 2;
    public static final int V6_TIME_EXCEEDED = 3;
    public static final int V6_NO_ROUTE = 0;
    public static final int V6_PROHIBITED = 1;
    public static final int V6_ADDRESS_UNREACHABLE = 3;
    public static final int V6_PORT_UNREACHABLE = 4;

    private Icmp() {}

    /** Whether IPVS relates an ICMP message of this type to a connection. */
    public static boolean isError(int type) {
        return type == UNREACHABLE || type == SOURCE_QUENCH || type == TIME_EXCEEDED;
    }

    /** The same for ICMPv6: all errors. */
    public static boolean isV6Error(int type) {
        return type < 128;
    }
}
