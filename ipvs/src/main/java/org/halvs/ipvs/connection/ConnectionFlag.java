package org.halvs.ipvs.connection;

/** Flags of a connection; the values are those of {@code include/uapi/linux/ip_vs.h}, which the sync protocol sends. */
public final class ConnectionFlag {
    /** The forwarding method: 0 masquerade, 1 local, 2 tunnel, 3 direct route, 4 bypass. */
    public static final int METHOD = 0x7;

    public static final int MASQUERADE = 0;
    public static final int LOCAL = 1;
    public static final int TUNNEL = 2;
    public static final int DIRECT_ROUTE = 3;
    public static final int BYPASS = 4;

    /** Learnt from the other director. */
    public static final int SYNC = 0x20;
    /** Replies are not seen. */
    public static final int NO_OUTPUT = 0x80;
    /** Counted in InActConn, not in ActiveConn. */
    public static final int INACTIVE = 0x100;
    /** Sequence numbers of replies are shifted. */
    public static final int OUT_SEQUENCE = 0x200;
    /** Sequence numbers of requests are shifted. */
    public static final int IN_SEQUENCE = 0x400;
    /** The client port is not known yet. */
    public static final int NO_CLIENT_PORT = 0x800;
    /** A persistence template. */
    public static final int TEMPLATE = 0x1000;
    /** Scheduled for one packet only. */
    public static final int ONE_PACKET = 0x2000;

    // Flags of ours, above those of the kernel.
    /** Addresses are IPv6. */
    public static final int IPV6 = 0x0100_0000;
    /** The real server's address is IPv6 though the client's is not, or the other way round (tunnels only). */
    public static final int OTHER_FAMILY = 0x0200_0000;
    /** A template that gave up its server and waits for its end. */
    public static final int INVALIDATED = 0x0400_0000;
    /** Has a real server whose counters it is part of. */
    public static final int BOUND = 0x0800_0000;
    /** Belongs to a service of a firewall mark. */
    public static final int MARKED = 0x1000_0000;

    /** The other director has to hear of it with the next packet from the client. */
    public static final int SYNC_DUE = 0x2000_0000;
    /** The other director has heard of it. */
    public static final int SYNC_TOLD = 0x4000_0000;

    private ConnectionFlag() {}
}
