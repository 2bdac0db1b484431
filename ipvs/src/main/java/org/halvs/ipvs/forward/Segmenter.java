package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;

/**
 * Cuts a super-packet into the segments a card would send, with headers, flags and checksums of their own ({@code net/ipv4/tcp_offload.c},
 * {@code udp_offload.c}). Segments are built in scratch memory; the super-packet stays as it is.
 */
final class Segmenter {
    private final PacketView view = new PacketView();

    /** Gets each segment: a complete IP packet at {@code l3}. */
    @FunctionalInterface
    interface Consumer {
        void accept(MemorySegment segment, long l3, int length);
    }

    /** Length of the transport header of a packet that a super-packet can have; 8 for UDP. */
    static int transportHeader(PacketView view) {
        return view.protocol == IpProtocol.TCP ? Tcp.headerLength(view.segment, view.l4) : Udp.HEADER;
    }

    /** Whether the packet can be cut: TCP, or UDP with segmentation offload, with headers that are all there. */
    static boolean canSegment(PacketView view, Offload offload) {
        boolean tcp = view.protocol == IpProtocol.TCP;
        boolean udp = view.protocol == IpProtocol.UDP && (offload.gsoType() & 0x7f) == Offload.GSO_UDP_L4;
        int header = tcp || udp ? transportHeader(view) : 0;
        return header >= Udp.HEADER && offload.gsoSize() > 0 && view.l4 + header <= view.end;
    }

    /**
     * Cuts a packet for which {@link #canSegment} holds.
     *
     * @param scratch memory for one segment
     * @param at where the IP header of each segment is to stand in it
     */
    void cut(PacketView packet, Offload offload, MemorySegment scratch, long at, Consumer consumer) {
        boolean tcp = packet.protocol == IpProtocol.TCP;
        int ipHeader = (int) (packet.l4 - packet.l3);
        int headers = ipHeader + transportHeader(packet);
        int payload = packet.length() - headers;
        int id = packet.ipv4 ? Ipv4.id(packet.segment, packet.l3) : 0;
        long sequence = tcp ? Tcp.sequence(packet.segment, packet.l4) : 0;
        int flags = tcp ? Tcp.flags(packet.segment, packet.l4) : 0;
        int done = 0;
        int number = 0;
        do {
            int part = Math.min(offload.gsoSize(), payload - done);
            boolean last = done + part >= payload;
            Wire.copy(packet.segment, packet.l3, scratch, at, headers);
            Wire.copy(packet.segment, packet.l3 + headers + done, scratch, at + headers, part);
            int length = headers + part;
            if (packet.ipv4) {
                Wire.put16(scratch, at + 2, length);
                Wire.put16(scratch, at + 4, id + number & 0xffff);
                Ipv4.writeChecksum(scratch, at);
            } else {
                Wire.put16(scratch, at + 4, length - 40);
            }
            long l4 = at + ipHeader;
            if (tcp) {
                Wire.put32(scratch, l4 + 4, (int) (sequence + done));
                int kept = flags;
                if (!last) {
                    kept &= ~(Tcp.FIN | Tcp.PSH);
                }
                if (number > 0) {
                    kept &= ~Tcp.CWR;
                }
                Wire.put8(scratch, l4 + 13, kept);
            } else {
                Wire.put16(scratch, l4 + 4, Udp.HEADER + part);
            }
            view.parse(scratch, at, at + length, false);
            writeTransportChecksum(view);
            consumer.accept(scratch, at, length);
            done += part;
            number++;
        } while (done < payload);
    }

    /** Computes a TCP or UDP checksum anew. */
    static void writeTransportChecksum(PacketView packet) {
        long field = packet.l4 + (packet.protocol == IpProtocol.TCP ? Tcp.CHECKSUM : Udp.CHECKSUM);
        Wire.put16(packet.segment, field, 0);
        long sum = Checksum.sum(packet.segment, packet.l4, packet.transportLength(), packet.pseudoHeaderSum());
        int checksum = Checksum.finish(sum);
        Wire.put16(packet.segment, field, packet.protocol == IpProtocol.UDP ? Udp.onWire(checksum) : checksum);
    }
}
