package org.halvs.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.forward.PacketBuffer;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;

/**
 * Frames of the smallest size in native memory laid out as a packet ring: 512 slots of 2 KiB, used one after the other. A frame is a copy of a
 * template with the flow's addresses and ports put in, as cheap as filling it can be, because every packet measured has to be filled anew.
 */
final class FrameRing {
    static final int BATCH = 32;
    private static final int SLOTS = 512;
    private static final int SLOT = 2048;
    private static final int HEADROOM = 128;
    private static final int TAILROOM = 256;
    private static final int PORTS = 16;
    private static final int FIRST_PORT = 40_000;
    private static final long CLIENTS = 0xac100000L;
    private static final long SERVERS6 = Director.server(0, false).high();
    private static final long CLIENTS6 = 0xfd0a_0000_0000_0000L;
    private static final int PAYLOAD = 6;

    private final MemorySegment memory = Arena.ofAuto().allocate((long) SLOTS * SLOT, 4096);
    private final PacketBuffer[] buffers = new PacketBuffer[BATCH];
    private int slot;

    FrameRing() {
        for (int i = 0; i < BATCH; i++) {
            buffers[i] = new PacketBuffer();
        }
    }

    /** The buffers of the batch being filled. */
    PacketBuffer[] buffers() {
        return buffers;
    }

    /** What all packets of a path have in common. */
    static final class Template {
        private final MemorySegment frame;
        private final boolean ipv4;
        private final boolean reply;
        private final int length;
        private final int side;
        /** Addresses of the real servers in the order in which round robin takes them; for replies. */
        private final long[] servers;

        private final long headerSum;

        /** @param flags of TCP; for other protocols without meaning */
        Template(Path path, int flags, long[] servers) {
            this.ipv4 = path.ipv4;
            this.reply = path.reply;
            this.servers = servers;
            this.side = reply ? Director.SERVER_SIDE : Director.CLIENT_SIDE;
            boolean tcp = path.protocol == Protocol.TCP;
            int header = ipv4 ? Ipv4.HEADER : Ipv6.HEADER;
            int transport = (tcp ? Tcp.HEADER : Udp.HEADER) + PAYLOAD;
            this.length = Ethernet.HEADER + header + transport;
            this.frame = Arena.ofAuto().allocate(length, 8);
            long mac = reply ? Director.SERVER_SIDE_MAC : Director.CLIENT_SIDE_MAC;
            Ethernet.write(frame, 0, mac, 0x020000000999L, ipv4 ? Ethernet.IPV4 : Ethernet.IPV6);
            IpAddress vip = ipv4 ? Director.VIP : Director.VIP6;
            int protocol = tcp ? IpProtocol.TCP : IpProtocol.UDP;
            if (ipv4) {
                // the flow's part of the addresses is 0 here and added to the checksum with each frame
                long destination = reply ? 0 : vip.low();
                Ipv4.write(frame, 14, 0, header + transport, 77, Ipv4.DONT_FRAGMENT, 64, protocol, 0, destination);
            } else {
                Ipv6.write(frame, 14, 0, transport, protocol, 64, 0, 0, reply ? 0 : vip.high(), reply ? 0 : vip.low());
            }
            headerSum = ipv4 ? ~Ipv4.checksum(frame, 14) & 0xffff : 0;
            long l4 = 14L + header;
            Wire.put16(frame, l4, reply ? path.port + 8000 : 0);
            Wire.put16(frame, l4 + 2, reply ? 0 : path.port);
            if (tcp) {
                Wire.put8(frame, l4 + 12, 5 << 4);
                Wire.put8(frame, l4 + 13, flags);
                Wire.put16(frame, l4 + Tcp.CHECKSUM, 0x1234);
            } else {
                Wire.put16(frame, l4 + 4, transport);
                Wire.put16(frame, l4 + Udp.CHECKSUM, 0x1234);
            }
        }
    }

    /** The address of the client of a flow; for IPv6 its lower word. */
    static long client(int flow) {
        return CLIENTS + flow / PORTS;
    }

    static int clientPort(int flow) {
        return FIRST_PORT + flow % PORTS;
    }

    /** Fills buffer {@code i} of the batch with a packet of a flow. */
    void fill(int i, Template template, int flow) {
        long at = fill(i, template);
        long client = client(flow);
        int port = clientPort(flow);
        if (template.reply) {
            long server = template.servers[flow % Director.SERVERS];
            if (template.ipv4) {
                addresses(at, template, server, client);
                Wire.put16(memory, at + 14 + Ipv4.HEADER + 2, port);
            } else {
                Wire.put64(memory, at + 22, SERVERS6);
                Wire.put64(memory, at + 30, server);
                Wire.put64(memory, at + 38, CLIENTS6);
                Wire.put64(memory, at + 46, client);
                Wire.put16(memory, at + 14 + Ipv6.HEADER + 2, port);
            }
        } else if (template.ipv4) {
            Wire.put32(memory, at + 26, (int) client);
            Wire.put16(memory, at + 24, Checksum.finish(template.headerSum + client));
            Wire.put16(memory, at + 14 + Ipv4.HEADER, port);
        } else {
            Wire.put64(memory, at + 22, CLIENTS6);
            Wire.put64(memory, at + 30, client);
            Wire.put16(memory, at + 14 + Ipv6.HEADER, port);
        }
    }

    /** Fills buffer {@code i} with an IPv4 packet from any address and port. */
    void fill(int i, Template template, long address, int port) {
        long at = fill(i, template);
        Wire.put32(memory, at + 26, (int) address);
        Wire.put16(memory, at + 24, Checksum.finish(template.headerSum + address));
        Wire.put16(memory, at + 14 + Ipv4.HEADER, port);
    }

    private void addresses(long at, Template template, long source, long destination) {
        Wire.put32(memory, at + 26, (int) source);
        Wire.put32(memory, at + 30, (int) destination);
        Wire.put16(memory, at + 24, Checksum.finish(template.headerSum + source + destination));
    }

    private long fill(int i, Template template) {
        long at = (long) slot * SLOT + HEADROOM;
        slot = slot + 1 & SLOTS - 1;
        MemorySegment.copy(template.frame, 0, memory, at, template.length);
        buffers[i].set(memory, at, template.length, HEADROOM, TAILROOM, template.side);
        return at;
    }
}
