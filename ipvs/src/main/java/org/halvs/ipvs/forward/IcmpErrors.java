package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.Icmp;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv4Options;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Wire;

/**
 * ICMP and ICMPv6 errors of the director's own, as {@code icmp_send} and {@code icmpv6_send} make them. What sends one answers its length as an IP
 * packet, or 0 when none was sent.
 */
final class IcmpErrors {
    private static final int MAX_IPV4 = 576;
    private static final int MAX_IPV6 = 1280;
    private static final int HOP_LIMIT = 64;
    /** Precedence "internetwork control", what the kernel sends errors with. */
    private static final int CONTROL = 0xc0;

    private static final int TOS_MASK = 0x1e;

    private final Network network;
    private final Transmitter transmitter;
    private final OptionScribe scribe;
    private final Hop hop = new Hop();
    private final IcmpLimit limit;

    IcmpErrors(Network network, Transmitter transmitter, OptionScribe scribe, IcmpLimit limit) {
        this.network = network;
        this.transmitter = transmitter;
        this.scribe = scribe;
        this.limit = limit;
    }

    /** What an error says, in both protocols. */
    private enum Kind {
        PORT_UNREACHABLE(Icmp.UNREACHABLE, Icmp.PORT_UNREACHABLE, Icmp.V6_UNREACHABLE, Icmp.V6_PORT_UNREACHABLE),
        HOST_UNREACHABLE(Icmp.UNREACHABLE, Icmp.HOST_UNREACHABLE, Icmp.V6_UNREACHABLE, Icmp.V6_ADDRESS_UNREACHABLE),
        NO_ROUTE(Icmp.UNREACHABLE, Icmp.NET_UNREACHABLE, Icmp.V6_UNREACHABLE, Icmp.V6_NO_ROUTE),
        REFUSED(Icmp.UNREACHABLE, Icmp.HOST_UNREACHABLE, Icmp.V6_UNREACHABLE, Icmp.V6_NO_ROUTE),
        PROHIBITED(Icmp.UNREACHABLE, Icmp.PROHIBITED, Icmp.V6_UNREACHABLE, Icmp.V6_PROHIBITED),
        TIME_EXCEEDED(Icmp.TIME_EXCEEDED, 0, Icmp.V6_TIME_EXCEEDED, 0),
        REASSEMBLY_TIME_EXCEEDED(Icmp.TIME_EXCEEDED, 1, Icmp.V6_TIME_EXCEEDED, 1),
        TOO_BIG(Icmp.UNREACHABLE, Icmp.FRAGMENTATION_NEEDED, Icmp.V6_TOO_BIG, 0);

        private final int ipv4;
        private final int ipv6;

        Kind(int type, int code, int v6Type, int v6Code) {
            ipv4 = type << 8 | code;
            ipv6 = v6Type << 8 | v6Code;
        }

        int typeAndCode(PacketView about) {
            return about.ipv4 ? ipv4 : ipv6;
        }
    }

    /**
     * Who an error comes from.
     *
     * <p>Of packets to a service, their destination. The kernel does not find out a better one for IPv4 packets that came by a firewall mark alone
     * and are for somebody else, and sends nothing; for IPv6 it takes its own address toward the sender, which is also what it does for the packets
     * it only routes. The third is such a router whose own hooks then give the error the address of the service.
     */
    enum From {
        SERVICE,
        ROUTER,
        TRANSLATED_ROUTER
    }

    void portUnreachable(Work work, From from) {
        send(work, work.view, Kind.PORT_UNREACHABLE, 0, from);
    }

    int timeExceeded(Work work, From from) {
        return send(work, work.view, Kind.TIME_EXCEEDED, 0, from);
    }

    /** Fragments have not all come in time ({@code ip_expire}). */
    int reassemblyTimeExceeded(Work work, From from) {
        return send(work, work.view, Kind.REASSEMBLY_TIME_EXCEEDED, 0, from);
    }

    int tooBig(Work work, int mtu, From from) {
        return send(work, work.view, Kind.TOO_BIG, mtu, from);
    }

    /** @param octet of the IPv4 header that is wrong, counted from 0 */
    void parameterProblem(Work work, int octet, From from) {
        send(work, work.view, Icmp.PARAMETER_PROBLEM << 8, octet << 24, from);
    }

    /**
     * The server has no route, or does not answer on its own network: {@code ipv4_link_failure}, {@code ip6_link_failure}.
     *
     * <p>COMPAT: options are received anew, so the director stands in them once more, also in the packet the error quotes.
     */
    int hostUnreachable(Work work, From from) {
        PacketView packet = work.view;
        if (packet.hasOptions()) {
            if (scribe.receive(work, from) != Ipv4Options.Outcome.ACCEPTED) {
                return 0;
            }
            if (from == From.TRANSLATED_ROUTER) {
                work.options.settle(packet.segment, packet.l3);
            }
        }
        return send(work, packet, Kind.HOST_UNREACHABLE, 0, from);
    }

    /** A packet that was only to be routed has no way: {@code ip_error}, {@code ip6_pkt_drop}. */
    void noRoute(Work work, Hop way) {
        NetworkView.Route.Kind refusal = way.refusal;
        if (refusal == null || refusal == NetworkView.Route.Kind.UNICAST) {
            send(work, work.view, Kind.NO_ROUTE, 0, From.ROUTER);
        } else if (refusal == NetworkView.Route.Kind.UNREACHABLE) {
            send(work, work.view, Kind.REFUSED, 0, From.ROUTER);
        } else if (refusal == NetworkView.Route.Kind.PROHIBIT) {
            send(work, work.view, Kind.PROHIBITED, 0, From.ROUTER);
        }
    }

    /** An IPv4 error about another packet than the one in hand, such as the one inside a tunnel; its source is the packet's destination. */
    int about(Work work, PacketView packet, int type, int code, int info) {
        return send(work, packet, type << 8 | code, info, From.SERVICE);
    }

    private int send(Work work, PacketView about, Kind kind, int info, From from) {
        return send(work, about, kind.typeAndCode(about), info, from);
    }

    /** Answers the length of the error as an IP packet; 0 when none was sent. */
    private int send(Work work, PacketView about, int typeAndCode, int info, From from) {
        if (!mayAnswer(about)) {
            return 0;
        }
        boolean ownDestination = !(about.ipv4 && from == From.ROUTER)
                && network.isLocal(about.ipv4, about.destinationHigh, about.destinationLow);
        if (about.ipv4 && !ownDestination && from == From.SERVICE) {
            return 0;
        }
        boolean withOptions = about.hasOptions() && about == work.view;
        long toLow = withOptions ? work.options.wayBack(about.segment, about.l3, about.sourceLow) : about.sourceLow;
        if (toLow != about.sourceLow && !mayRoute(toLow)) {
            return 0;
        }
        network.resolve(
                network.isLocal(about.ipv4, about.sourceHigh, toLow),
                about.ipv4,
                about.sourceHigh,
                toLow,
                ownDestination ? about.destinationHigh : 0,
                ownDestination ? about.destinationLow : 0,
                0,
                PolicyRouting.OWN,
                hop);
        if (!hop.reachable || !allowed(about, toLow, typeAndCode, work.nowNanos)) {
            return 0;
        }
        long sourceHigh = about.destinationHigh;
        long sourceLow = about.destinationLow;
        if (!ownDestination) {
            if (!network.sourceToward(about.ipv4, about.sourceHigh, toLow, hop)) {
                return 0;
            }
            sourceHigh = hop.sourceHigh;
            sourceLow = hop.sourceLow;
        }
        MemorySegment s = transmitter.scratch();
        long l3 = Transmitter.SCRATCH_AT;
        int options = withOptions ? echoOptions(work, from, sourceLow) : 0;
        if (options < 0) {
            return 0;
        }
        int header = about.ipv4 ? Ipv4.HEADER + options : Ipv6.HEADER;
        int limit = Math.min(about.ipv4 ? MAX_IPV4 : MAX_IPV6, hop.mtu) - header - Icmp.HEADER;
        int quoted = Math.min(limit, about.length());
        long l4 = l3 + header;
        Wire.copy(about.segment, about.l3, s, l4 + Icmp.HEADER, quoted);
        Wire.put16(s, l4, typeAndCode);
        Wire.put16(s, l4 + 2, 0);
        Wire.put32(s, l4 + 4, info);
        int length = Icmp.HEADER + quoted;
        long sum = Checksum.sum(s, l4, length, 0);
        if (about.ipv4) {
            Wire.put16(s, l4 + 2, Checksum.finish(sum));
            int tos = Ipv4.tos(about.segment, about.l3) & TOS_MASK | CONTROL;
            Ipv4.write(
                    s,
                    l3,
                    tos,
                    header + length,
                    transmitter.nextIdentification(),
                    0,
                    HOP_LIMIT,
                    IpProtocol.ICMP,
                    sourceLow,
                    toLow);
            if (options > 0) {
                Ipv4.writeHeaderLength(s, l3, header);
            }
        } else {
            sum += Checksum.pseudoHeader(
                    sourceHigh, sourceLow, about.sourceHigh, about.sourceLow, IpProtocol.ICMPV6, length);
            Wire.put16(s, l4 + 2, Checksum.finish(sum));
            Ipv6.write(
                    s,
                    l3,
                    0,
                    length,
                    IpProtocol.ICMPV6,
                    HOP_LIMIT,
                    sourceHigh,
                    sourceLow,
                    about.sourceHigh,
                    about.sourceLow);
        }
        transmitter.fragment(work.out, s, l3, header + length, about.ipv4, hop, hop.mtu, false);
        return header + length;
    }

    /**
     * Writes the options of an error about the packet in hand where they belong in scratch memory; answers their length, or -1.
     *
     * <p>COMPAT: what a router records is the address it has, though an error that its own hooks translate comes from another.
     */
    private int echoOptions(Work work, From from, long source) {
        PacketView packet = work.view;
        return work.options.echo(
                packet.segment,
                packet.l3,
                packet.sourceLow,
                transmitter.scratch(),
                Transmitter.SCRATCH_AT + Ipv4.HEADER,
                from == From.SERVICE ? source : scribe.toward(packet.sourceLow),
                scribe.at(work.nowNanos));
    }

    /** Whether an error can go on from a router of a source route. The kernel would also send it to itself, and to a group of hosts. */
    private boolean mayRoute(long router) {
        return router >>> 24 != Network.LOOPBACK && network.isAnothers(true, 0, router);
    }

    /** RFC 1122 section 3.2.2: no error about an error, a later fragment, or a packet that does not come from one host. */
    private static boolean mayAnswer(PacketView about) {
        if (about.fragmentOffset > 0) {
            return false;
        }
        if (about.ipv4) {
            if (Network.isMartianSource(true, 0, about.sourceLow)
                    || Network.isMulticast(true, 0, about.destinationLow)) {
                return false;
            }
        } else if (about.sourceHigh >>> 56 == 0xff
                || about.destinationHigh >>> 56 == 0xff
                || about.sourceHigh == 0 && about.sourceLow <= 1 && about.sourceLow >= 0) {
            return false;
        }
        return !isError(about);
    }

    /** Whether a packet is an ICMP error or redirect. */
    static boolean isError(PacketView packet) {
        boolean icmp = packet.protocol == (packet.ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6);
        if (!icmp || packet.l4 >= packet.end) {
            return false;
        }
        int type = Wire.u8(packet.segment, packet.l4);
        return packet.ipv4
                ? Icmp.isError(type) || type == Icmp.REDIRECT || type == Icmp.PARAMETER_PROBLEM
                : Icmp.isV6Error(type);
    }

    private boolean allowed(PacketView about, long toLow, int typeAndCode, long nowNanos) {
        boolean tooBig = typeAndCode == Kind.TOO_BIG.typeAndCode(about);
        return tooBig // path MTU discovery is never held up
                || limit.allows(
                        about.ipv4,
                        about.sourceHigh,
                        toLow,
                        network.prefixLength(about.ipv4, about.sourceHigh, toLow),
                        nowNanos);
    }
}
