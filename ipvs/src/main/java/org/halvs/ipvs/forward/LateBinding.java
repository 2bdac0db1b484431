package org.halvs.ipvs.forward;

import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.scheduler.Destination;
import org.jspecify.annotations.Nullable;

/**
 * Finds the real server of a connection another director told of, which knows its address only ({@code ip_vs_find_dest}). The service may come
 * later than the connection, with the takeover, and then a million connections look for their servers: so what was found lately is remembered.
 */
final class LateBinding {
    private static final int REMEMBERED = 1024;
    private static final int FTP = 21;

    private final ConnectionTable table;
    private final ServiceTable services;
    private final @Nullable ServerEntry[] found = new ServerEntry[REMEMBERED];
    private final int[] askedPort = new int[REMEMBERED];

    LateBinding(ConnectionTable table, ServiceTable services) {
        this.table = table;
        this.services = services;
    }

    /** The service a connection or template belongs to, when it is served here. */
    @Nullable
    ServiceEntry service(int connection) {
        return service(
                !table.isIpv6(connection),
                table.mark(connection),
                table.protocol(connection),
                table.virtualHigh(connection),
                table.virtualLow(connection),
                table.virtualPort(connection));
    }

    @Nullable
    ServiceEntry service(boolean ipv4, int mark, int protocol, long virtualHigh, long virtualLow, int virtualPort) {
        ServiceEntry service =
                services.find(ipv4, Integer.toUnsignedLong(mark), protocol, virtualHigh, virtualLow, virtualPort);
        if (service == null && virtualPort == 0 && protocol == IpProtocol.TCP) {
            // templates of FTP services stand for all their ports
            service = services.find(ipv4, 0, protocol, virtualHigh, virtualLow, FTP);
        }
        return service;
    }

    /** The server of a connection, or null while there is none. */
    @Nullable
    ServerEntry server(int connection) {
        ServiceEntry service = service(connection);
        if (service == null) {
            return null;
        }
        long high = table.destinationHigh(connection);
        long low = table.destinationLow(connection);
        int port = table.destinationPort(connection);
        int slot = (int)
                ((high ^ low ^ (long) port << 32 ^ System.identityHashCode(service)) * 0x9e3779b97f4a7c15L >>> 54);
        ServerEntry known = found[slot];
        if (known != null
                && askedPort[slot] == port
                && service.equals(known.service)
                && known.address().low() == low
                && known.address().high() == high) {
            return known;
        }
        boolean ipv4 = table.isIpv6(connection) == table.has(connection, ConnectionFlag.OTHER_FAMILY);
        boolean anyPortFirst =
                service.mark() != 0 && (table.flags(connection) & ConnectionFlag.METHOD) != ConnectionFlag.MASQUERADE;
        ServerEntry server = search(service, ipv4, high, low, anyPortFirst ? 0 : port);
        if (server == null) {
            server = search(service, ipv4, high, low, anyPortFirst ? port : 0);
        }
        if (server == null
                && (port == 0 || !(service.key instanceof ServiceKey.AddressKey) || isForManyPorts(service))) {
            server = search(service, ipv4, high, low, -1);
        }
        found[slot] = server;
        askedPort[slot] = port;
        return server;
    }

    /** Whether connections of the service may go to ports that are not their server's. */
    private static boolean isForManyPorts(ServiceEntry service) {
        return service.port() == 0 || service.port() == FTP;
    }

    /** @param port -1 for any */
    private static @Nullable ServerEntry search(ServiceEntry service, boolean ipv4, long high, long low, int port) {
        for (Destination each = service.servers.head(); each != null; each = each.next()) {
            ServerEntry server = (ServerEntry) each;
            if (server.address().low() == low
                    && server.address().high() == high
                    && server.address().isIpv4() == ipv4
                    && (port < 0 || server.port() == port)) {
                return server;
            }
        }
        return null;
    }
}
