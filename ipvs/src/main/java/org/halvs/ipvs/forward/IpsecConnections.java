package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Udp;

/**
 * Finds the connection AH and ESP packets go with: that of the key exchange between the same two hosts, from UDP port 500 to UDP port 500
 * ({@code ip_vs_proto_ah_esp.c}). A real server that exchanges keys at another port so gets packets, but its own belong to nothing.
 */
final class IpsecConnections {
    private final ConnectionTable table;

    IpsecConnections(ConnectionTable table) {
        this.table = table;
    }

    /** The connection of a packet from a client. */
    int inbound(PacketView packet) {
        return inbound(packet, packet.sourceHigh, packet.sourceLow, packet.destinationHigh, packet.destinationLow);
    }

    /** The connection of a packet from a server. */
    int outbound(PacketView packet) {
        return outbound(packet, packet.destinationHigh, packet.destinationLow, packet.sourceHigh, packet.sourceLow);
    }

    /** See {@link Connections#inboundOfReply}. */
    int inboundOfReply(PacketView quoted) {
        return inbound(quoted, quoted.destinationHigh, quoted.destinationLow, quoted.sourceHigh, quoted.sourceLow);
    }

    /** See {@link Connections#outboundOfRequest}. */
    int outboundOfRequest(PacketView quoted) {
        return outbound(quoted, quoted.sourceHigh, quoted.sourceLow, quoted.destinationHigh, quoted.destinationLow);
    }

    private int inbound(PacketView packet, long clientHigh, long clientLow, long virtualHigh, long virtualLow) {
        if (!IpProtocol.isIpsec(packet.protocol)) {
            return ConnectionTable.NONE;
        }
        return table.findInbound(
                table.first(IpProtocol.UDP, clientHigh, clientLow, Udp.ISAKMP),
                !packet.ipv4,
                IpProtocol.UDP,
                clientHigh,
                clientLow,
                Udp.ISAKMP,
                virtualHigh,
                virtualLow,
                Udp.ISAKMP);
    }

    private int outbound(PacketView packet, long clientHigh, long clientLow, long fromHigh, long fromLow) {
        if (!IpProtocol.isIpsec(packet.protocol)) {
            return ConnectionTable.NONE;
        }
        return table.findOutbound(
                table.first(IpProtocol.UDP, clientHigh, clientLow, Udp.ISAKMP),
                !packet.ipv4,
                IpProtocol.UDP,
                clientHigh,
                clientLow,
                Udp.ISAKMP,
                fromHigh,
                fromLow,
                Udp.ISAKMP);
    }
}
