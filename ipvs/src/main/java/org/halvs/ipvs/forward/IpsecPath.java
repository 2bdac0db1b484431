package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Udp;
import org.jspecify.annotations.Nullable;

/**
 * AH and ESP, in both directions: they go the way of the key exchange that set them up, see {@link IpsecConnections}. They start no connection and
 * change the state of none; their packets only keep it alive, with the timeout it has ({@code ip_vs_proto_ah_esp.c}).
 */
final class IpsecPath {
    private final Connections connections;
    private final ConnectionTable table;
    private final ServiceTable services;
    private final InboundPath inbound;
    private final OutboundPath outbound;
    private final SyncedConnections sync;
    private boolean endsOfDeletedServers;

    IpsecPath(
            Connections connections,
            ServiceTable services,
            InboundPath inbound,
            OutboundPath outbound,
            SyncedConnections sync) {
        this.connections = connections;
        this.table = connections.table;
        this.services = services;
        this.inbound = inbound;
        this.outbound = outbound;
        this.sync = sync;
    }

    void settings(IpvsSettings settings) {
        endsOfDeletedServers = settings.on(Setting.EXPIRE_NODEST_CONN);
    }

    /**
     * Whether the fragments of a packet that only passes are translated as they are, each by itself ({@code dont_defrag}): those of IPv4, for nothing
     * behind the IP header matters. IPv6 ones have been put together before.
     */
    static boolean goesInFragments(PacketView packet) {
        return packet.ipv4 && IpProtocol.isIpsec(packet.protocol);
    }

    /** Handles the packet in hand, which is AH or ESP. */
    Verdict process(Work work, boolean toService) {
        Verdict verdict = toService ? request(work) : null;
        if (verdict == null) {
            verdict = reply(work);
        }
        return verdict == null ? withoutConnection(work, toService) : verdict;
    }

    private @Nullable Verdict request(Work work) {
        int connection = connections.ipsec().inbound(work.view);
        if (connection == ConnectionTable.NONE) {
            return null;
        }
        ServerEntry server = connections.server(connection);
        if (server != null && !server.isAvailable()) {
            if (!endsOfDeletedServers) {
                return DropReason.DESTINATION_GONE;
            }
            connections.end(connection, work.nowNanos);
            return null;
        }
        connections.countIn(server, work);
        int flags = table.flags(connection);
        Verdict verdict = inbound.transmitWithoutPorts(work, connection, flags, server);
        int packets = table.countInPacket(connection);
        sync.packet(connection, flags, packets, work.nowNanos);
        connections.keep(connection, flags, work.nowNanos);
        return verdict;
    }

    private @Nullable Verdict reply(Work work) {
        int connection = connections.ipsec().outbound(work.view);
        if (connection == ConnectionTable.NONE) {
            return null;
        }
        int flags = table.flags(connection);
        if ((flags & ConnectionFlag.METHOD) == ConnectionFlag.MASQUERADE) {
            return outbound.replyWithoutPorts(work, connection, flags);
        }
        connections.countOut(connection, work);
        connections.keep(connection, flags, work.nowNanos);
        return Verdict.Accepted.LOCAL;
    }

    /** The director may be an end of IPsec itself, or route for one, so what was kept from the stack is given back to it or routed. */
    private Verdict withoutConnection(Work work, boolean toService) {
        PacketView packet = work.view;
        if (toService) {
            return work.destinationLocal && isService(services, packet)
                    ? inbound.deliver(work)
                    : Verdict.Accepted.LOCAL;
        }
        return isMasqueraded(services, packet) ? outbound.plain(work) : Verdict.Accepted.LOCAL;
    }

    /** Whether the packet's destination is that of a service keys are exchanged with, so that the packet is kept from the stack. */
    static boolean isService(ServiceTable services, PacketView packet) {
        return services.find(packet.ipv4, 0, IpProtocol.UDP, packet.destinationHigh, packet.destinationLow, Udp.ISAKMP)
                != null;
    }

    /** Whether the packet's source is a masqueraded server that keys are exchanged with, so that the packet is kept from the stack. */
    static boolean isMasqueraded(ServiceTable services, PacketView packet) {
        return services.isMasqueraded(packet.ipv4, IpProtocol.UDP, packet.sourceHigh, packet.sourceLow, Udp.ISAKMP);
    }
}
