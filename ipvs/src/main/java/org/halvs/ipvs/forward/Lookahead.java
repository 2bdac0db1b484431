package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.Wire;

/**
 * Looks at all packets of a batch before the first is processed: hashes the client's side of the plain ones, then reads their buckets, then their
 * entries. The reads of one step do not depend on each other, so the processor waits for memory once a step instead of twice a packet. A table
 * that does not fit the caches answers in about half the time.
 */
final class Lookahead {
    /** The packet is not plain; nothing is known of it. */
    static final int NOTHING = 0;
    /** The hash is that of the packet's source. */
    static final int SOURCE = 1;
    /** The hash is that of the packet's destination. */
    static final int DESTINATION = 2;

    private final ConnectionTable table;
    private final Network network;
    private int[] hashes = new int[64];
    private int[] sides = new int[64];
    private int[] entries = new int[64];
    private int read;

    Lookahead(ConnectionTable table, Network network) {
        this.table = table;
        this.network = network;
    }

    void look(PacketBuffer[] packets, int count) {
        if (count > hashes.length) {
            hashes = new int[count];
            sides = new int[count];
            entries = new int[count];
        }
        for (int i = 0; i < count; i++) {
            sides[i] = hash(packets[i], i);
        }
        for (int i = 0; i < count; i++) {
            entries[i] = sides[i] == NOTHING ? ConnectionTable.NONE : table.first(hashes[i]);
        }
        int together = 0;
        for (int i = 0; i < count; i++) {
            together ^= table.touch(entries[i]);
        }
        // Kept, so that the reads are not optimised away.
        read = together;
    }

    /** Which address of packet {@code i} was hashed, or {@link #NOTHING}. */
    int side(int i) {
        return sides[i];
    }

    int hash(int i) {
        return hashes[i];
    }

    /** What was read for the last batch; means nothing. */
    int read() {
        return read;
    }

    /** Only of packets whose ports stand where they always do: no options, no extension headers, no fragments. */
    private int hash(PacketBuffer packet, int i) {
        MemorySegment s = packet.segment();
        long l3 = packet.offset() + Ethernet.HEADER;
        if (packet.length() < Ethernet.HEADER + Ipv4.HEADER + 4) {
            return NOTHING;
        }
        int type = Ethernet.type(s, packet.offset());
        if (type == Ethernet.IPV4 && Wire.u8(s, l3) == 0x45) {
            int protocol = Ipv4.protocol(s, l3);
            if (!IpProtocol.isTransport(protocol) || (Ipv4.fragment(s, l3) & ~Ipv4.DONT_FRAGMENT) != 0) {
                return NOTHING;
            }
            long destination = Ipv4.destination(s, l3);
            boolean in = network.isLocal(true, 0, destination);
            int port = Wire.u16(s, l3 + Ipv4.HEADER + (in ? 0 : 2));
            hashes[i] = table.hash(protocol, 0, in ? Ipv4.source(s, l3) : destination, port);
            return in ? SOURCE : DESTINATION;
        }
        if (type == Ethernet.IPV6 && packet.length() >= Ethernet.HEADER + Ipv6.HEADER + 4) {
            int protocol = Ipv6.nextHeader(s, l3);
            if (!IpProtocol.isTransport(protocol)) {
                return NOTHING;
            }
            boolean in = network.isLocal(false, Wire.i64(s, l3 + 24), Wire.i64(s, l3 + 32));
            long client = l3 + (in ? 8 : 24);
            int port = Wire.u16(s, l3 + Ipv6.HEADER + (in ? 0 : 2));
            hashes[i] = table.hash(protocol, Wire.i64(s, client), Wire.i64(s, client + 8), port);
            return in ? SOURCE : DESTINATION;
        }
        return NOTHING;
    }
}
