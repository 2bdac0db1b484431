package org.halvs.ipvs.admin;

import java.util.Locale;
import org.halvs.linux.IpAddress;

/**
 * A connection synchronisation daemon, as {@code ipvsadm --start-daemon} asks for it and {@code ipvsadm -L --daemon} shows it.
 *
 * @param syncId 0 to 255; a backup with 0 listens to every master
 * @param maxLength the longest message in bytes
 * @param group the multicast group, IPv4 or IPv6
 * @param port the UDP port, 1 to 65535
 * @param ttl of the multicast datagrams, 1 to 255
 */
public record SyncDaemon(
        Role role, String interfaceName, int syncId, int maxLength, IpAddress group, int port, int ttl) {
    public static final String DEFAULT_INTERFACE = "eth0";

    public static final IpAddress DEFAULT_GROUP = IpAddress.of("224.0.0.81");
    public static final int DEFAULT_PORT = 8848;

    private static final int IPV4_HEADERS = 28;
    private static final int IPV6_HEADERS = 48;
    private static final int ETHERNET = 1500;
    /** A backup never prepares for less. */
    private static final int LEAST_OF_BACKUP = 1024;

    /**
     * The longest message of a daemon as the kernel settles it ({@code start_sync_thread}).
     *
     * @param wanted in bytes, or 0 for what fits into an Ethernet frame
     */
    static int messageLength(Role role, IpAddress group, int wanted) {
        int headers = group.isIpv4() ? IPV4_HEADERS : IPV6_HEADERS;
        return wanted == 0
                ? ETHERNET - headers
                : Math.clamp(wanted, role == Role.BACKUP ? LEAST_OF_BACKUP : 1, 65535 - headers);
    }

    /** Who sends and who listens. */
    public enum Role {
        MASTER,
        BACKUP;

        /** {@code master} or {@code backup}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The line of {@code ipvsadm -L --daemon}. */
    @Override
    public String toString() {
        return role.word() + " sync daemon (mcast=" + interfaceName + ", syncid=" + syncId + ", maxlen=" + maxLength
                + ", group=" + group + ", port=" + port + ", ttl=" + ttl + ")";
    }
}
