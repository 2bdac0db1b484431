package org.halvs.ipvs;

/**
 * The three timeouts {@code ipvsadm --set} changes, in seconds, 1 or more each.
 *
 * @param tcpSeconds idle time of an established TCP connection
 * @param tcpFinSeconds of a TCP connection in FIN_WAIT
 * @param udpSeconds of a UDP connection
 */
public record Timeouts(int tcpSeconds, int tcpFinSeconds, int udpSeconds) {
    /** The kernel's: 900, 120 and 300. */
    public static final Timeouts DEFAULT = new Timeouts(900, 120, 300);
}
