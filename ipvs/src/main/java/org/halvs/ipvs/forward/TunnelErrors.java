package org.halvs.ipvs.forward;

import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.Icmp;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;
import org.jspecify.annotations.Nullable;

/**
 * ICMP errors about a tunnel's outer IPv4 packet. The client learns them as errors about its own packet; "fragmentation needed" also lowers the
 * path MTU of the server. Errors about outer IPv6 packets are not handled, as in the kernel.
 */
final class TunnelErrors {
    private static final int GUE_HEADER = 4;
    private static final int GRE_CHECKSUM_PRESENT = 0x8000;
    private static final int SMALLEST_MTU = 68;

    private final Connections connections;
    private final ServiceTable services;
    private final IcmpErrors errors;
    private final PacketView carried = new PacketView();

    TunnelErrors(Connections connections, ServiceTable services, IcmpErrors errors) {
        this.connections = connections;
        this.services = services;
        this.errors = errors;
    }

    /** Whether a quoted packet can be the outer one of a tunnel: IP in IP, GRE, or UDP that carries GUE (looked at when no connection fits). */
    boolean isTunnel(Work work) {
        int protocol = work.inner.protocol;
        return protocol == IpProtocol.IPIP
                || protocol == IpProtocol.GRE
                || protocol == IpProtocol.UDP && connection(work) != ConnectionTable.NONE;
    }

    /** Handles the error in hand; null when the tunnel is none of ours. */
    @Nullable
    Verdict process(Work work) {
        int connection = connection(work);
        ServerEntry server = connection == ConnectionTable.NONE ? null : connections.server(connection);
        if (server == null) {
            return null;
        }
        PacketView error = work.view;
        if (!IcmpPath.checksumValid(error)) {
            return DropReason.BAD_CHECKSUM;
        }
        int type = Wire.u8(error.segment, error.l4);
        int code = Wire.u8(error.segment, error.l4 + 1);
        int info = Wire.i32(error.segment, error.l4 + 4);
        carried.end = Math.min(carried.end, error.end);
        if (type == Icmp.UNREACHABLE && code == Icmp.FRAGMENTATION_NEEDED) {
            // COMPAT: the client hears of the MTU known before this error; its next packet that is too big gets the
            // right one. Only where the kernel knew a smaller path MTU already is the new one told at once.
            int known = server.mtu();
            boolean afresh = !server.knowsPathMtu();
            services.learnMtu(server.address(), info & 0xffff, work.nowNanos);
            if (!afresh) {
                known = server.mtu();
            }
            if (!Ipv4.dontFragment(carried.segment, carried.l3)) {
                return DropReason.TUNNEL_ERROR;
            }
            int overhead = TunnelTransmitter.overhead(server);
            info = known > SMALLEST_MTU + overhead ? known - overhead : known;
        }
        connections.countOut(connection, 1, carried.length());
        // COMPAT: and once more as it leaves, see InboundPath.countError
        int length = errors.about(work, carried, type, code, info);
        if (length > 0) {
            connections.countOut(connection, 1, length);
        }
        return DropReason.TUNNEL_ERROR;
    }

    /** The connection whose packet a quoted outer packet carries; {@link #carried} then shows that packet. */
    private int connection(Work work) {
        PacketView quoted = work.inner;
        long limit = Math.min(work.view.end, quoted.end);
        int offset = carriedOffset(quoted, limit);
        if (offset < 0) {
            return ConnectionTable.NONE;
        }
        PacketView.Parsed parsed = carried.parse(quoted.segment, quoted.l4 + offset, limit, false);
        if (parsed != PacketView.Parsed.OK || !carried.ipv4) {
            return ConnectionTable.NONE;
        }
        int connection = connections.inbound(carried);
        ServerEntry server = connection == ConnectionTable.NONE ? null : connections.server(connection);
        boolean fits = server != null
                && server.address().isIpv4()
                && server.address().low() == quoted.destinationLow
                && matches(server.server.tunnel(), quoted);
        return fits ? connection : ConnectionTable.NONE;
    }

    private static int carriedOffset(PacketView quoted, long limit) {
        return switch (quoted.protocol) {
            case IpProtocol.IPIP -> 0;
            case IpProtocol.GRE ->
                quoted.l4 + 4 > limit ? -1 : (Wire.u16(quoted.segment, quoted.l4) & GRE_CHECKSUM_PRESENT) != 0 ? 8 : 4;
            case IpProtocol.UDP ->
                quoted.l4 + Udp.HEADER + GUE_HEADER > limit
                                || Wire.u8(quoted.segment, quoted.l4 + Udp.HEADER) >>> 6 != 0
                        ? -1
                        : Udp.HEADER + GUE_HEADER + (Wire.u8(quoted.segment, quoted.l4 + Udp.HEADER) & 0x1f) * 4;
            default -> -1;
        };
    }

    private static boolean matches(TunnelOptions options, PacketView quoted) {
        return switch (options.type()) {
            case IPIP -> quoted.protocol == IpProtocol.IPIP;
            case GRE -> quoted.protocol == IpProtocol.GRE;
            case GUE -> quoted.protocol == IpProtocol.UDP && quoted.destinationPort == options.port();
        };
    }
}
