package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;

/**
 * Network address translation of one packet: address and port of one side, with the checksums. Incremental, so that a wrong checksum stays wrong
 * (RFC 1624); a UDP datagram without checksum gets one, as the kernel does.
 */
final class AddressRewriter {
    private AddressRewriter() {}

    /** Makes the packet in hand go to another address and port; its view follows. */
    static void destination(Work work, long high, long low, int port) {
        PacketView view = work.view;
        long change = change(view.ipv4, view.destinationHigh, view.destinationLow, high, low);
        long portChange = Checksum.change(view.destinationPort, port);
        boolean samePort = view.destinationPort == port;
        if (view.ipv4) {
            Ipv4.rewriteDestination(view.segment, view.l3, low, change);
        } else {
            Ipv6.rewriteDestination(view.segment, view.l3, high, low);
        }
        Wire.put16(view.segment, view.l4 + 2, port);
        view.destinationHigh = high;
        view.destinationLow = low;
        view.destinationPort = port;
        transportChecksum(work, change, portChange, samePort);
    }

    /** As {@link #destination}, for a packet without IPv4 options that is sent on by a router: takes one off the time to live as well. */
    static void destinationOfRouted(Work work, long high, long low, int port) {
        PacketView view = work.view;
        if (!view.ipv4) {
            view.decrementTtl();
            destination(work, high, low, port);
            return;
        }
        long change = Checksum.change(view.destinationLow, low);
        long portChange = Checksum.change(view.destinationPort, port);
        boolean samePort = view.destinationPort == port;
        Ipv4.sendOn(view.segment, view.l3, low, view.sourcePort << 16 | port, change);
        view.ttl--;
        view.destinationLow = low;
        view.destinationPort = port;
        transportChecksum(work, change, portChange, samePort);
    }

    /** Makes the packet in hand come from another address and port. */
    static void source(Work work, long high, long low, int port) {
        PacketView view = work.view;
        long change = change(view.ipv4, view.sourceHigh, view.sourceLow, high, low);
        if (view.ipv4) {
            Ipv4.rewriteSource(view.segment, view.l3, low, change);
        } else {
            Ipv6.rewriteSource(view.segment, view.l3, high, low);
        }
        view.sourceHigh = high;
        view.sourceLow = low;
        long portChange = Checksum.change(view.sourcePort, port);
        boolean samePort = view.sourcePort == port;
        Wire.put16(view.segment, view.l4, port);
        view.sourcePort = port;
        transportChecksum(work, change, portChange, samePort);
    }

    /** As {@link #destination}, where no checksum behind the IP header is to follow: that of a protocol without ports, or in a quoted packet. */
    static void destinationAddress(PacketView view, long high, long low) {
        if (view.ipv4) {
            Ipv4.rewriteDestination(view.segment, view.l3, low);
        } else {
            Ipv6.rewriteDestination(view.segment, view.l3, high, low);
        }
        view.destinationHigh = high;
        view.destinationLow = low;
    }

    /** As {@link #source}, where no checksum behind the IP header is to follow: that of a protocol without ports, or in a quoted packet. */
    static void sourceAddress(PacketView view, long high, long low) {
        if (view.ipv4) {
            Ipv4.rewriteSource(view.segment, view.l3, low);
        } else {
            Ipv6.rewriteSource(view.segment, view.l3, high, low);
        }
        view.sourceHigh = high;
        view.sourceLow = low;
    }

    private static long change(boolean ipv4, long oldHigh, long oldLow, long high, long low) {
        return ipv4 ? Checksum.change(oldLow, low) : Checksum.change(oldHigh, high) + Checksum.change(oldLow, low);
    }

    private static void transportChecksum(Work work, long addressChange, long portChange, boolean samePort) {
        PacketView view = work.view;
        MemorySegment s = view.segment;
        switch (view.protocol) {
            case IpProtocol.TCP -> {
                long field = view.l4 + Tcp.CHECKSUM;
                int before = Wire.u16(s, field);
                Wire.put16(
                        s,
                        field,
                        work.offload.isChecksumPartial()
                                ? Checksum.updatePartial(before, addressChange)
                                : Checksum.update(before, addressChange + portChange));
            }
            case IpProtocol.UDP -> {
                long field = view.l4 + Udp.CHECKSUM;
                int before = Wire.u16(s, field);
                if (work.offload.isChecksumPartial()) {
                    Wire.put16(s, field, Checksum.updatePartial(before, addressChange));
                } else if (before == 0) {
                    Segmenter.writeTransportChecksum(view);
                } else {
                    Wire.put16(s, field, Udp.onWire(Checksum.update(before, addressChange + portChange)));
                }
            }
            case IpProtocol.SCTP -> {
                if (!samePort && !work.offload.isChecksumPartial()) {
                    Sctp.writeChecksum(s, view.l4, view.transportLength());
                }
            }
            default -> {
                // Other protocols have no ports and never come here.
            }
        }
    }
}
