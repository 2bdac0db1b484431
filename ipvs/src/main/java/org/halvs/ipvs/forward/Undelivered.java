package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;

/**
 * Frames that were ready but whose next hop never answered: their senders hear "host unreachable" ({@code arp_error_report},
 * {@code ndisc_error_report}).
 *
 * <p>The kernel makes that error about the packet as it was to be sent, and its own hooks translate the error like any other that comes from the
 * server's side: the client sees the packet it sent, a server the reply it sent. The result is made here in one step.
 */
final class Undelivered {
    /** What the kernel's error to itself about a tunnel's outer packet quotes of it. */
    private static final int QUOTED = 576 - Ipv4.HEADER - 8;

    private final Connections connections;
    private final ConnectionTable table;
    private final Network network;
    private final IcmpErrors errors;
    private final Work work = new Work();

    Undelivered(Connections connections, Network network, IcmpErrors errors) {
        this.connections = connections;
        this.table = connections.table;
        this.network = network;
        this.errors = errors;
    }

    /** @param frame may be changed */
    void report(MemorySegment frame, long offset, int length, long nowNanos, FrameSink out) {
        work.nowNanos = nowNanos;
        work.out = out;
        PacketView view = work.view;
        if (view.parse(frame, offset + Ethernet.HEADER, offset + length, false) != PacketView.Parsed.OK) {
            return;
        }
        int request = connections.outboundOfRequest(view);
        boolean translated = translateBack(view, request);
        boolean own = network.isLocal(view.ipv4, view.sourceHigh, view.sourceLow);
        if (!translated && own && isTunnel(view)) {
            countTunnelled(view, offset + length);
            return;
        }
        int told =
                errors.hostUnreachable(work, translated ? IcmpErrors.From.TRANSLATED_ROUTER : IcmpErrors.From.ROUTER);
        if (told > 0 && request != ConnectionTable.NONE) {
            connections.countOut(request, 1, told);
        }
    }

    /**
     * COMPAT: the kernel tells nobody: it makes an error about the outer packet, and while it makes one it can make no other, about the packet inside.
     * That one counts all the same. Errors about outer IPv6 packets, and about IPv6 packets inside, are not handled.
     */
    private void countTunnelled(PacketView outer, long end) {
        long at = outer.ipv4 ? outer.l4 + between(outer) : 0;
        long limit = Math.min(end, outer.l3 + QUOTED);
        PacketView carried = work.inner;
        if (at == 0 || carried.parse(outer.segment, at, limit, false) != PacketView.Parsed.OK || !carried.ipv4) {
            return;
        }
        int connection = connections.inbound(carried);
        if (connection != ConnectionTable.NONE
                && (table.flags(connection) & ConnectionFlag.METHOD) == ConnectionFlag.TUNNEL) {
            connections.countOut(connection, 1, Math.min(carried.length(), (int) (limit - at)));
        }
    }

    private static boolean isTunnel(PacketView view) {
        return switch (view.protocol) {
            case IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.GRE -> true;
            // Datagrams of the director's own that are no replies of a service carry a tunnel.
            case IpProtocol.UDP -> view.fragmentOffset == 0;
            default -> false;
        };
    }

    private static int between(PacketView view) {
        return switch (view.protocol) {
            case IpProtocol.GRE -> (Wire.u16(view.segment, view.l4) & 0x8000) != 0 ? 8 : 4;
            case IpProtocol.UDP -> Udp.HEADER + 4 + 4 * (Wire.u8(view.segment, view.l4 + Udp.HEADER) & 0x1f);
            default -> 0;
        };
    }

    /**
     * Undoes the translation of a masqueraded connection's packet; its transport checksum stays as it is, as in every quoted packet. False when it
     * belongs to none.
     */
    private boolean translateBack(PacketView view, int request) {
        if (request != ConnectionTable.NONE && isMasqueraded(request)) {
            destination(view, table.virtualHigh(request), table.virtualLow(request), table.virtualPort(request));
            return true;
        }
        int reply = connections.inboundOfReply(view);
        if (reply == ConnectionTable.NONE || !isMasqueraded(reply)) {
            return false;
        }
        source(view, table.destinationHigh(reply), table.destinationLow(reply), table.destinationPort(reply));
        return true;
    }

    private boolean isMasqueraded(int connection) {
        return (table.flags(connection) & ConnectionFlag.METHOD) == ConnectionFlag.MASQUERADE;
    }

    private static void destination(PacketView view, long high, long low, int port) {
        AddressRewriter.destinationAddress(view, high, low);
        if (view.hasPorts) {
            Wire.put16(view.segment, view.l4 + 2, port);
            view.destinationPort = port;
        }
    }

    private static void source(PacketView view, long high, long low, int port) {
        AddressRewriter.sourceAddress(view, high, low);
        if (view.hasPorts) {
            Wire.put16(view.segment, view.l4, port);
            view.sourcePort = port;
        }
    }
}
