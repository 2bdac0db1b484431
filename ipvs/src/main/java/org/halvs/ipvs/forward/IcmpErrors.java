package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.Icmp;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Wire;

/** ICMP and ICMPv6 errors of the director's own, as {@code icmp_send} and {@code icmpv6_send} make them. At most a thousand a second. */
final class IcmpErrors {
    private static final int MAX_IPV4 = 576;
    private static final int MAX_IPV6 = 1280;
    private static final int HOP_LIMIT = 64;
    /** Precedence "internetwork control", what the kernel sends errors with. */
    private static final int CONTROL = 0xc0;

    private static final int TOS_MASK = 0x1e;
    private static final long PER_SECOND = 1000;
    private static final long INTERVAL_NANOS = 1_000_000_000L / PER_SECOND;

    private final Network network;
    private final Transmitter transmitter;
    private final Hop hop = new Hop();
    /** The time up to which the allowance is used up; a bucket of one second. */
    private long allowanceNanos = Long.MIN_VALUE;

    IcmpErrors(Network network, Transmitter transmitter) {
        this.network = network;
        this.transmitter = transmitter;
    }

    void portUnreachable(Work work) {
        send(
                work,
                work.view,
                Icmp.UNREACHABLE,
                Icmp.PORT_UNREACHABLE,
                Icmp.V6_UNREACHABLE,
                Icmp.V6_PORT_UNREACHABLE,
                0);
    }

    void timeExceeded(Work work) {
        send(work, work.view, Icmp.TIME_EXCEEDED, 0, Icmp.V6_TIME_EXCEEDED, 0, 0);
    }

    void tooBig(Work work, int mtu) {
        send(work, work.view, Icmp.UNREACHABLE, Icmp.FRAGMENTATION_NEEDED, Icmp.V6_TOO_BIG, 0, mtu);
    }

    /** An IPv4 error about another packet than the one in hand, such as the one inside a tunnel; its source is the packet's destination. */
    void about(Work work, PacketView packet, int type, int code, int info) {
        send(work, packet, type, code, 0, 0, info);
    }

    private void send(Work work, PacketView about, int type, int code, int v6Type, int v6Code, int info) {
        if (!mayAnswer(about) || !allowed(work.nowNanos)) {
            return;
        }
        network.resolve(about.ipv4, about.sourceHigh, about.sourceLow, hop);
        if (!hop.reachable) {
            return;
        }
        boolean ownDestination = network.isLocal(about.ipv4, about.destinationHigh, about.destinationLow);
        long sourceHigh = about.destinationHigh;
        long sourceLow = about.destinationLow;
        if (!ownDestination) {
            // Routed traffic: the error comes from the address the director would use toward the sender.
            if (!network.sourceToward(about.ipv4, about.sourceHigh, about.sourceLow, hop)) {
                return;
            }
            sourceHigh = hop.sourceHigh;
            sourceLow = hop.sourceLow;
        }
        MemorySegment s = transmitter.scratch();
        long l3 = Transmitter.SCRATCH_AT;
        int header = about.ipv4 ? Ipv4.HEADER : Ipv6.HEADER;
        int limit = Math.min(about.ipv4 ? MAX_IPV4 : MAX_IPV6, hop.mtu) - header - Icmp.HEADER;
        int quoted = Math.min(limit, about.length());
        long l4 = l3 + header;
        Wire.copy(about.segment, about.l3, s, l4 + Icmp.HEADER, quoted);
        Wire.put16(s, l4, (about.ipv4 ? type : v6Type) << 8 | (about.ipv4 ? code : v6Code));
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
                    about.sourceLow);
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
        transmitter.fragment(work.out, s, l3, header + length, about.ipv4, hop, hop.mtu);
    }

    /** RFC 1122 section 3.2.2: no error about an error, a later fragment, or a packet that does not come from one host. */
    private static boolean mayAnswer(PacketView about) {
        if (about.fragmentOffset > 0) {
            return false;
        }
        if (about.ipv4) {
            int first = (int) (about.sourceLow >>> 24);
            if (first == 0 || first == 127 || first >= 224 || about.destinationLow >>> 28 == 0xe) {
                return false;
            }
        } else if (about.sourceHigh >>> 56 == 0xff
                || about.destinationHigh >>> 56 == 0xff
                || about.sourceHigh == 0 && about.sourceLow <= 1 && about.sourceLow >= 0) {
            return false;
        }
        boolean icmp = about.protocol == (about.ipv4 ? IpProtocol.ICMP : IpProtocol.ICMPV6);
        if (!icmp || about.l4 >= about.end) {
            return true;
        }
        int type = Wire.u8(about.segment, about.l4);
        return about.ipv4 ? !Icmp.isError(type) && type != 5 && type != 12 : !Icmp.isV6Error(type);
    }

    private boolean allowed(long nowNanos) {
        long full = nowNanos - INTERVAL_NANOS * PER_SECOND;
        allowanceNanos = allowanceNanos == Long.MIN_VALUE ? full : Math.max(allowanceNanos, full);
        if (allowanceNanos + INTERVAL_NANOS > nowNanos) {
            return false;
        }
        allowanceNanos += INTERVAL_NANOS;
        return true;
    }
}
