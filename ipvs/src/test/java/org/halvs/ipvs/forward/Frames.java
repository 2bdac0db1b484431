package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;

/** Builds frames as they would come in on a side of the director. */
final class Frames {
    private Frames() {}

    static byte[] tcp(int side, IpAddress from, int fromPort, IpAddress to, int toPort, int flags) {
        return tcp(side, from, fromPort, to, toPort, flags, new byte[0]);
    }

    static byte[] tcp(int side, IpAddress from, int fromPort, IpAddress to, int toPort, int flags, byte[] data) {
        byte[] transport = new byte[Tcp.HEADER + data.length];
        MemorySegment t = MemorySegment.ofArray(transport);
        Wire.put16(t, 0, fromPort);
        Wire.put16(t, 2, toPort);
        Wire.put32(t, 4, 1000);
        Wire.put8(t, 12, 5 << 4);
        Wire.put8(t, 13, flags);
        Wire.put16(t, 14, 64000);
        System.arraycopy(data, 0, transport, Tcp.HEADER, data.length);
        return ip(side, from, to, IpProtocol.TCP, transport);
    }

    /**
     * An IPv4 frame with options.
     *
     * @param options a multiple of 4 octets, at most 40
     */
    static byte[] withOptions(byte[] frame, byte[] options) {
        int at = Ethernet.HEADER + Ipv4.HEADER;
        byte[] longer = new byte[frame.length + options.length];
        System.arraycopy(frame, 0, longer, 0, at);
        System.arraycopy(options, 0, longer, at, options.length);
        System.arraycopy(frame, at, longer, at + options.length, frame.length - at);
        MemorySegment s = MemorySegment.ofArray(longer);
        Wire.put16(s, Ethernet.HEADER + 2, Ipv4.totalLength(s, Ethernet.HEADER) + options.length);
        Ipv4.writeHeaderLength(s, Ethernet.HEADER, Ipv4.HEADER + options.length);
        return longer;
    }

    /** Makes the checksum of a changed IPv4 TCP frame right. */
    static void fixTcp(byte[] frame) {
        PacketView view = new PacketView();
        view.parse(MemorySegment.ofArray(frame), Ethernet.HEADER, frame.length, true);
        Segmenter.writeTransportChecksum(view);
    }

    static byte[] udp(int side, IpAddress from, int fromPort, IpAddress to, int toPort, byte[] data) {
        byte[] transport = new byte[8 + data.length];
        MemorySegment t = MemorySegment.ofArray(transport);
        Wire.put16(t, 0, fromPort);
        Wire.put16(t, 2, toPort);
        Wire.put16(t, 4, transport.length);
        System.arraycopy(data, 0, transport, 8, data.length);
        return ip(side, from, to, IpProtocol.UDP, transport);
    }

    static byte[] sctp(int side, IpAddress from, int fromPort, IpAddress to, int toPort, int chunk) {
        byte[] transport = new byte[Sctp.HEADER + 4];
        MemorySegment t = MemorySegment.ofArray(transport);
        Wire.put16(t, 0, fromPort);
        Wire.put16(t, 2, toPort);
        Wire.put8(t, Sctp.HEADER, chunk);
        Wire.put16(t, Sctp.HEADER + 2, 4);
        Sctp.writeChecksum(t, 0, transport.length);
        return ip(side, from, to, IpProtocol.SCTP, transport);
    }

    /** An IP packet; the checksum of TCP and UDP is filled in. */
    static byte[] ip(int side, IpAddress from, IpAddress to, int protocol, byte[] transport) {
        int header = from.isIpv4() ? Ipv4.HEADER : Ipv6.HEADER;
        byte[] frame = new byte[Ethernet.HEADER + header + transport.length];
        MemorySegment f = MemorySegment.ofArray(frame);
        long target = side == DirectorLab.CLIENT_SIDE ? 0x020000000101L : 0x020000000201L;
        Ethernet.write(f, 0, target, 0x020000000102L, from.isIpv4() ? Ethernet.IPV4 : Ethernet.IPV6);
        System.arraycopy(transport, 0, frame, Ethernet.HEADER + header, transport.length);
        if (from.isIpv4()) {
            Ipv4.write(f, 14, 0, header + transport.length, 77, Ipv4.DONT_FRAGMENT, 64, protocol, from.low(), to.low());
        } else {
            Ipv6.write(f, 14, 0, transport.length, protocol, 64, from.high(), from.low(), to.high(), to.low());
        }
        if (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP) {
            PacketView view = new PacketView();
            view.parse(f, 14, frame.length, true);
            Segmenter.writeTransportChecksum(view);
        }
        return frame;
    }
}
