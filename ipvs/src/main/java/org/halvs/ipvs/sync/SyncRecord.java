package org.halvs.ipvs.sync;

import org.halvs.ipvs.connection.ConnectionFlag;

/**
 * One connection or template on its way from one director to another. Mutable and used again and again, so that nothing is allocated for it;
 * addresses are two words, IPv4 in the lower one.
 */
public final class SyncRecord {
    /** The flags that are told; the others mean something on one director only ({@code IP_VS_CONN_F_BACKUP_MASK}). */
    public static final int TOLD_FLAGS = ConnectionFlag.METHOD
            | ConnectionFlag.NO_OUTPUT
            | ConnectionFlag.INACTIVE
            | ConnectionFlag.OUT_SEQUENCE
            | ConnectionFlag.IN_SEQUENCE
            | ConnectionFlag.NO_CLIENT_PORT
            | ConnectionFlag.TEMPLATE;

    public boolean ipv6;
    /** The real server's address is of the other family. */
    public boolean otherFamily;

    public int protocol;
    /** The state's number in its protocol's machine; 1 for an assured template. */
    public int state;
    /** Of {@link ConnectionFlag}, {@link #TOLD_FLAGS} only. */
    public int flags;

    public long clientHigh;
    public long clientLow;
    public int clientPort;
    public long virtualHigh;
    public long virtualLow;
    public int virtualPort;
    public long destinationHigh;
    public long destinationLow;
    public int destinationPort;
    /** The firewall mark of the service as a 32-bit number, 0 for none. */
    public int mark;
    /** What each packet restarts the timer with, 0 or more; 0 when the sender did not say. */
    public int timeoutMillis;
    /** What is left of it, 0 or more. */
    public int remainingMillis;
    /** Packets from the client so far. */
    public int inPackets;

    /** Whether the connection depends on the template or connection of the following key. */
    public boolean controlled;

    public boolean controlTemplate;
    public int controlProtocol;
    public long controlClientHigh;
    public long controlClientLow;
    public int controlClientPort;
    public long controlVirtualHigh;
    public long controlVirtualLow;
    public int controlVirtualPort;

    /** Whether a helper looks after the connection; then the following fields count. */
    public boolean helped;
    /** What the helper expects next, a number of its own; 0 to 255. */
    public int helperMode;
    /** How sequence numbers of replies are shifted ({@code struct ip_vs_seq}). */
    public int shiftInitial;

    public int shiftDelta;
    public int shiftPrevious;

    /** The persistence engine of a template, empty for none. */
    public String engine = "";

    public String engineKey = "";

    public boolean isTemplate() {
        return (flags & ConnectionFlag.TEMPLATE) != 0;
    }

    /** Whether the real server's address is IPv6. */
    public boolean isDestinationIpv6() {
        return ipv6 != otherFamily;
    }

    /** Forgets all that not every connection has. */
    public void clear() {
        mark = 0;
        controlled = false;
        helped = false;
        helperMode = 0;
        shiftInitial = 0;
        shiftDelta = 0;
        shiftPrevious = 0;
        otherFamily = false;
        engine = "";
        engineKey = "";
    }
}
