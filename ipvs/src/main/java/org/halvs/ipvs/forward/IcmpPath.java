package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.Icmp;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Wire;
import org.jspecify.annotations.Nullable;

/**
 * ICMP errors about connections, in both directions: they follow the connection, and the packet they quote is translated like the connection's own
 * ({@code ip_vs_in_icmp}, {@code ip_vs_out_icmp}).
 */
final class IcmpPath {
    private final Connections connections;
    private final ConnectionTable table;
    private final ConnectionScheduler scheduler;
    private final InboundPath inbound;
    private final OutboundPath outbound;
    private final TunnelErrors tunnelErrors;
    private boolean schedulesErrors;

    IcmpPath(
            Connections connections,
            ConnectionScheduler scheduler,
            InboundPath inbound,
            OutboundPath outbound,
            TunnelErrors tunnelErrors) {
        this.scheduler = scheduler;
        this.connections = connections;
        this.table = connections.table;
        this.inbound = inbound;
        this.outbound = outbound;
        this.tunnelErrors = tunnelErrors;
    }

    void settings(IpvsSettings settings) {
        schedulesErrors = settings.on(Setting.SCHEDULE_ICMP);
    }

    /**
     * Handles the packet in hand, which is ICMP or ICMPv6.
     *
     * @param toService whether its destination, or its mark, may be that of a service
     */
    Verdict process(Work work, boolean toService) {
        PacketView packet = work.view;
        if (packet.isFragment()) {
            return Verdict.Accepted.LOCAL;
        }
        if (packet.l4 + Icmp.HEADER > packet.end) {
            return DropReason.MALFORMED;
        }
        int type = Wire.u8(packet.segment, packet.l4);
        if (packet.ipv4 ? !Icmp.isError(type) : !Icmp.isV6Error(type)) {
            return Verdict.Accepted.LOCAL;
        }
        PacketView quoted = work.inner;
        PacketView.Parsed parsed = quoted.parse(packet.segment, packet.l4 + Icmp.HEADER, packet.end, false);
        if (parsed != PacketView.Parsed.OK || quoted.ipv4 != packet.ipv4) {
            return Verdict.Accepted.LOCAL;
        }
        if (quoted.fragmentOffset > 0 && !IpsecPath.goesInFragments(quoted)) {
            return Verdict.Accepted.LOCAL;
        }
        Verdict verdict = toService ? fromClient(work) : passing(work);
        if (verdict == null) {
            verdict = fromServer(work, toService);
        }
        if (verdict != null) {
            return verdict;
        }
        return toService || !quoted.hasPorts && !IpProtocol.isIpsec(quoted.protocol)
                ? Verdict.Accepted.LOCAL
                : outbound.errorWithoutConnection(work);
    }

    /**
     * An error for somebody else about a reply of a service: to an address that is a service's only for packets with a mark, which the error has not.
     * The router lets it go on before it is found to be for a connection ({@code ip_vs_forward_icmp}).
     */
    private @Nullable Verdict passing(Work work) {
        if (connections.inboundOfReply(work.inner) == ConnectionTable.NONE) {
            return null;
        }
        Verdict refusal = outbound.admitPlain(work);
        return refusal == null ? fromClient(work) : refusal;
    }

    private @Nullable Verdict fromClient(Work work) {
        PacketView quoted = work.inner;
        if (quoted.ipv4 && tunnelErrors.isTunnel(work)) {
            return tunnelErrors.process(work);
        }
        int connection = connections.inboundOfReply(quoted);
        if (connection == ConnectionTable.NONE && schedulesErrors && quoted.hasPorts) {
            connection = scheduler.scheduleByReply(work, quoted);
        }
        if (connection < 0) {
            return connection == ConnectionScheduler.NO_SERVER ? DropReason.NO_DESTINATION : null;
        }
        boolean masquerades = (table.flags(connection) & ConnectionFlag.METHOD) == ConnectionFlag.MASQUERADE;
        // COMPAT: what is passed on as it is, is not looked into
        if (masquerades && !checksumValid(work.view)) {
            return DropReason.BAD_CHECKSUM;
        }
        connections.countIn(connections.server(connection), work);
        if (!masquerades) {
            table.countInPacket(connection);
            return inbound.transmit(work, connection, true);
        }
        return inbound.masqueradeError(work, connection, this);
    }

    /** Translates the error in hand, of a connection's client side, and the reply it quotes. */
    void rewriteToServer(Work work, int connection) {
        PacketView packet = work.view;
        PacketView quoted = work.inner;
        long high = table.destinationHigh(connection);
        long low = table.destinationLow(connection);
        MemorySegment s = packet.segment;
        if (packet.ipv4) {
            Ipv4.rewriteDestination(s, packet.l3, low);
            Wire.put32(s, quoted.l3 + 12, (int) low);
            Ipv4.writeChecksum(s, quoted.l3);
        } else {
            Ipv6.rewriteDestination(s, packet.l3, high, low);
            Ipv6.rewriteSource(s, quoted.l3, high, low);
        }
        packet.destinationHigh = high;
        packet.destinationLow = low;
        if (quoted.hasPorts) {
            Wire.put16(s, quoted.l4, table.destinationPort(connection));
        }
        writeChecksum(packet);
    }

    private @Nullable Verdict fromServer(Work work, boolean staysHere) {
        int connection = connections.outboundOfRequest(work.inner);
        if (connection == ConnectionTable.NONE) {
            return null;
        }
        if ((table.flags(connection) & ConnectionFlag.METHOD) != ConnectionFlag.MASQUERADE) {
            if (staysHere || outbound.passes(work)) {
                connections.countOut(connection, work);
            }
            return null;
        }
        if (!checksumValid(work.view)) {
            return DropReason.BAD_CHECKSUM;
        }
        if (!outbound.way(work).local) {
            Verdict refusal = outbound.admit(work);
            if (refusal != null) {
                return refusal;
            }
        }
        rewriteToClient(work, connection);
        connections.countOut(connection, work);
        outbound.sendTranslated(work);
        return Verdict.Accepted.FORWARDED;
    }

    private void rewriteToClient(Work work, int connection) {
        PacketView packet = work.view;
        PacketView quoted = work.inner;
        long high = table.virtualHigh(connection);
        long low = table.virtualLow(connection);
        MemorySegment s = packet.segment;
        if (packet.ipv4) {
            Ipv4.rewriteSource(s, packet.l3, low);
            Wire.put32(s, quoted.l3 + 16, (int) low);
            Ipv4.writeChecksum(s, quoted.l3);
        } else {
            Ipv6.rewriteSource(s, packet.l3, high, low);
            Ipv6.rewriteDestination(s, quoted.l3, high, low);
        }
        packet.sourceHigh = high;
        packet.sourceLow = low;
        if (quoted.hasPorts) {
            Wire.put16(s, quoted.l4 + 2, table.virtualPort(connection));
        }
        writeChecksum(packet);
    }

    static boolean checksumValid(PacketView packet) {
        long start = packet.ipv4 ? 0 : packet.pseudoHeaderSum();
        return Checksum.fold(Checksum.sum(packet.segment, packet.l4, packet.transportLength(), start)) == 0xffff;
    }

    private static void writeChecksum(PacketView packet) {
        Wire.put16(packet.segment, packet.l4 + 2, 0);
        long start = packet.ipv4 ? 0 : packet.pseudoHeaderSum();
        int checksum = Checksum.finish(Checksum.sum(packet.segment, packet.l4, packet.transportLength(), start));
        Wire.put16(packet.segment, packet.l4 + 2, checksum);
    }

    /** Whether a protocol number is that of ICMP for the family. */
    static boolean isIcmp(boolean ipv4, int protocol) {
        return protocol == (ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6);
    }
}
