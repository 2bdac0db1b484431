package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;
import org.jspecify.annotations.Nullable;

/**
 * Wraps packets for tunnelled servers: IP in IP (RFC 2003, RFC 2473), GRE (RFC 2784) or GUE, over IPv4 or IPv6, as {@code ip_vs_tunnel_xmit} does.
 * The wrapping goes into the room in front of the packet, or with the packet into scratch memory when there is too little. Super-packets and
 * unfinished checksums are finished first: no card can look into the tunnel.
 */
final class TunnelTransmitter {
    private static final int GRE = 4;
    private static final int GRE_WITH_CHECKSUM = 8;
    private static final int GUE = 4;
    /** The private flags of GUE and the remote checksum option behind them (draft-ietf-intarea-gue-extensions section 6). */
    private static final int GUE_REMOTE_CHECKSUM = 8;

    private static final int GUE_HAS_PRIVATE_FLAGS = 1;
    private static final int GUE_REMOTE_CHECKSUM_FLAG = 0x80000000;
    private static final int GRE_CHECKSUM_PRESENT = 0x8000;
    private static final int FIRST_PORT = 32768;
    private static final int PORTS = 28232;
    /** The congestion mark "experienced"; also the mask of all of them. */
    private static final int CONGESTION = 3;
    /** The mark of a sender with congestion notification, ECT(0). */
    private static final int CAPABLE = 2;

    private final Transmitter transmitter;
    private final SegmentWrapper segmentWrapper = new SegmentWrapper();
    private boolean pathMtuDiscovery = true;

    /** Wraps the segments of the super-packet in hand; one object for all, so that none costs an allocation. */
    private final class SegmentWrapper implements Segmenter.Consumer {
        private @Nullable Work work;
        private @Nullable ServerEntry server;
        private final PacketView view = new PacketView();

        /** Puts the sum of the pseudo-header where the segment's checksum is. */
        private void leaveChecksumToServer(MemorySegment segment, long l3, int length) {
            view.parse(segment, l3, l3 + length, false);
            long field = view.l4 + (view.protocol == IpProtocol.TCP ? Tcp.CHECKSUM : Udp.CHECKSUM);
            Wire.put16(segment, field, Checksum.fold(view.pseudoHeaderSum()));
        }

        @Override
        public void accept(MemorySegment segment, long l3, int length) {
            if (work != null && server != null) {
                if (isRemote(work, server)) {
                    leaveChecksumToServer(segment, l3, length);
                }
                wrap(work, segment, l3, length, Transmitter.SCRATCH_AT, server);
            }
        }
    }

    TunnelTransmitter(Transmitter transmitter) {
        this.transmitter = transmitter;
    }

    void pathMtuDiscovery(boolean on) {
        pathMtuDiscovery = on;
    }

    boolean pathMtuDiscovery() {
        return pathMtuDiscovery;
    }

    /** Bytes the wrapping of the packet in hand takes, outer IP header included. */
    static int overhead(Work work, ServerEntry server) {
        return overhead(server) + (isRemote(work, server) ? GUE_REMOTE_CHECKSUM : 0);
    }

    /**
     * Whether the server is asked to finish the transport checksum: only where nobody has done so yet, so never for packets that came by a wire
     * ({@code IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM}). The option knows the Internet checksum only.
     */
    private static boolean isRemote(Work work, ServerEntry server) {
        TunnelOptions options = server.server.tunnel();
        return options.checksum() == TunnelOptions.Checksum.REMOTE
                && options.type() == TunnelOptions.Type.GUE
                && work.offload.isChecksumPartial()
                && work.view.protocol != IpProtocol.SCTP;
    }

    /** Bytes the wrapping of a packet with a finished checksum takes, outer IP header included. */
    static int overhead(ServerEntry server) {
        int outer = server.address().isIpv4() ? Ipv4.HEADER : Ipv6.HEADER;
        return outer + between(server.server.tunnel());
    }

    /** Bytes between outer and inner IP header. */
    static int between(TunnelOptions options) {
        return switch (options.type()) {
            case IPIP -> 0;
            case GRE -> options.checksum() == TunnelOptions.Checksum.NONE ? GRE : GRE_WITH_CHECKSUM;
            case GUE -> Udp.HEADER + GUE;
        };
    }

    /** Wraps and sends the packet in hand, whose time to live has been decremented and whose length is right for the tunnel. */
    void send(Work work, ServerEntry server) {
        if (!isRemote(work, server)) {
            Transmitter.finishChecksum(work);
        }
        if (work.offload.isGso() && Segmenter.canSegment(work.view, work.offload)) {
            segmentWrapper.work = work;
            segmentWrapper.server = server;
            transmitter.segments(work, segmentWrapper);
            return;
        }
        wrap(work, work.view.segment, work.view.l3, work.view.length(), work.room(), server);
    }

    private void wrap(Work work, MemorySegment segment, long l3, int length, long room, ServerEntry server) {
        int overhead = overhead(work, server);
        MemorySegment s = segment;
        long inner = l3;
        if (room < overhead + Ethernet.HEADER) {
            s = transmitter.scratch();
            inner = Transmitter.SCRATCH_AT;
            Wire.copy(segment, l3, s, inner, length);
        }
        long outer = inner - overhead;
        PacketView view = work.view;
        int protocol = writeBetween(work, s, inner, length, view.ipv4, server);
        Hop hop = server.hop;
        int tos = outerTos(view.ipv4 ? Ipv4.tos(s, inner) : Ipv6.trafficClass(s, inner));
        int ttl = view.ipv4 ? Ipv4.ttl(s, inner) : Ipv6.hopLimit(s, inner);
        boolean outerIpv4 = server.address().isIpv4();
        if (outerIpv4) {
            boolean forbid = view.ipv4 && pathMtuDiscovery && Ipv4.dontFragment(s, inner);
            Ipv4.write(
                    s,
                    outer,
                    tos,
                    overhead + length,
                    forbid ? 0 : transmitter.nextIdentification(),
                    forbid ? Ipv4.DONT_FRAGMENT : 0,
                    ttl,
                    protocol,
                    hop.sourceLow,
                    server.address().low());
        } else {
            Ipv6.write(
                    s,
                    outer,
                    tos,
                    overhead + length - Ipv6.HEADER,
                    protocol,
                    ttl,
                    hop.sourceHigh,
                    hop.sourceLow,
                    server.address().high(),
                    server.address().low());
        }
        int total = overhead + length;
        // what the fragments of the inner packet were like means nothing in the other family
        int mtu = outerIpv4 == view.ipv4 ? work.sendSize(server.mtu()) : server.mtu();
        boolean forbids = work.largestFragment != 0 && view.ipv4 && Ipv4.dontFragment(s, inner);
        transmitter.fragment(work.out, s, outer, total, outerIpv4, hop, mtu, forbids);
    }

    /** The inner one, but that a packet does not enter a tunnel with congestion experienced ({@code INET_ECN_encapsulate}, RFC 3168 section 9.1.1). */
    private static int outerTos(int inner) {
        return (inner & CONGESTION) == CONGESTION ? inner & ~CONGESTION | CAPABLE : inner;
    }

    /** Writes what stands between the headers; answers the protocol number for the outer one. */
    private static int writeBetween(
            Work work, MemorySegment s, long inner, int length, boolean innerIpv4, ServerEntry server) {
        return switch (server.server.tunnel().type()) {
            case IPIP -> innerIpv4 ? IpProtocol.IPIP : IpProtocol.IPV6;
            case GRE -> writeGre(s, inner, length, innerIpv4, server);
            case GUE -> writeGue(work, s, inner, length, innerIpv4, server);
        };
    }

    private static int writeGre(MemorySegment s, long inner, int length, boolean innerIpv4, ServerEntry server) {
        boolean withChecksum = hasChecksum(server);
        long at = inner - (withChecksum ? GRE_WITH_CHECKSUM : GRE);
        Wire.put16(s, at, withChecksum ? GRE_CHECKSUM_PRESENT : 0);
        Wire.put16(s, at + 2, innerIpv4 ? Ethernet.IPV4 : Ethernet.IPV6);
        if (withChecksum) {
            Wire.put32(s, at + 4, 0);
            Wire.put16(s, at + 4, Checksum.finish(Checksum.sum(s, at, (long) GRE_WITH_CHECKSUM + length, 0)));
        }
        return IpProtocol.GRE;
    }

    private static int writeGue(
            Work work, MemorySegment s, long inner, int length, boolean innerIpv4, ServerEntry server) {
        boolean remote = isRemote(work, server);
        long gue = inner - GUE - (remote ? GUE_REMOTE_CHECKSUM : 0);
        long udp = gue - Udp.HEADER;
        int udpLength = (int) (inner - udp) + length;
        Wire.put16(s, udp, flowPort(work.view));
        Wire.put16(s, udp + 2, server.server.tunnel().port());
        Wire.put16(s, udp + 4, udpLength);
        Wire.put16(s, udp + Udp.CHECKSUM, 0);
        Wire.put8(s, gue, remote ? GUE_REMOTE_CHECKSUM / 4 : 0);
        Wire.put8(s, gue + 1, innerIpv4 ? IpProtocol.IPIP : IpProtocol.IPV6);
        Wire.put16(s, gue + 2, remote ? GUE_HAS_PRIVATE_FLAGS : 0);
        if (remote) {
            int start = work.offload.checksumStart() - Ethernet.HEADER;
            Wire.put32(s, gue + GUE, GUE_REMOTE_CHECKSUM_FLAG);
            Wire.put16(s, gue + GUE + 4, start);
            Wire.put16(s, gue + GUE + 6, start + work.offload.checksumOffset());
        }
        if (hasChecksum(server)) {
            Hop hop = server.hop;
            long sum = Checksum.pseudoHeader(
                    hop.sourceHigh,
                    hop.sourceLow,
                    server.address().high(),
                    server.address().low(),
                    IpProtocol.UDP,
                    udpLength);
            int checksum = Checksum.finish(Checksum.sum(s, udp, udpLength, sum));
            Wire.put16(s, udp + Udp.CHECKSUM, Udp.onWire(checksum));
        }
        return IpProtocol.UDP;
    }

    private static boolean hasChecksum(ServerEntry server) {
        return server.server.tunnel().checksum() != TunnelOptions.Checksum.NONE;
    }

    /** A source port that is the same for all packets of a flow, so that routers keep them on one path. */
    private static int flowPort(PacketView view) {
        long mixed = (view.sourceHigh ^ view.sourceLow * 31 ^ view.destinationLow) * 0x9e3779b97f4a7c15L;
        mixed ^= ((long) view.sourcePort << 16 | view.destinationPort) * 0xc2b2ae3d27d4eb4fL;
        return FIRST_PORT + (int) ((mixed >>> 33) % PORTS);
    }
}
