package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.Ipv4Options;
import org.halvs.ipvs.packet.PacketView;
import org.jspecify.annotations.Nullable;

/** The packet in hand: where it is, what it says, where it came from. One object for each place in a batch, used again and again. */
final class Work {
    // Every packet reads the first two; made one after the other, they lie in neighbouring cache lines.

    /** The packet's headers. */
    final PacketView view = new PacketView();
    /** Offload left to do; {@link Offload#checksumStart()} counts from the start of a frame whose Ethernet header has 14 bytes. */
    final Offload offload = new Offload();

    /** The headers of a packet inside this one: in an ICMP error, in a tunnel. */
    final PacketView inner = new PacketView();

    /** The packet's IPv4 options; only means something while {@link PacketView#hasOptions()} holds. */
    final Ipv4Options options = new Ipv4Options();

    private static final long[] NO_FRAGMENTS = {};

    /** First byte the processor may touch. */
    long roomStart;

    int interfaceIndex;
    long mark;
    long nowNanos;
    /** Whether the packet's destination is an address of the director. */
    boolean destinationLocal;
    /** Length of the largest fragment a reassembled packet came in, 0 for one that came whole. */
    int largestFragment;
    /** Where the fragments of a reassembled packet began: a bit for each eight bytes behind the headers that every fragment had. */
    long[] fragmentStarts = NO_FRAGMENTS;

    FrameSink out = FrameSink.NOWHERE;

    /** No address of the packet is hashed. */
    static final int NOTHING = 0;
    /** {@link #hash} is that of the packet's source. */
    static final int SOURCE = 1;
    /** {@link #hash} is that of the packet's destination. */
    static final int DESTINATION = 2;

    /** Which side of the packet is hashed already. */
    int hashedSide;

    int hash;
    /** The entry a look-up by {@link #hash} begins at, as {@link Lookahead} found it. */
    int first;
    /** {@link ConnectionTable#changes} when {@link #first} was right. */
    long firstChanges;
    /** What became of the packet when it was taken in; null while it is not decided. */
    @Nullable
    Verdict early;

    void begin(PacketBuffer packet, long now, FrameSink sink) {
        out = sink;
        roomStart = packet.offset() - packet.headroom();
        interfaceIndex = packet.interfaceIndex();
        mark = packet.firewallMark();
        nowNanos = now;
        hashedSide = NOTHING;
        firstChanges = ConnectionTable.NEVER;
        largestFragment = 0;
        if (!packet.offload().isNone()) {
            offload.set(packet.offload());
        } else if (!offload.isNone()) {
            offload.clear();
        }
    }

    /** Gives the packet its options back as they came: the local stack writes into them itself. */
    void restoreOptions() {
        options.restore(view.segment, view.l3);
    }

    /** Bytes in front of the IP header that may be written, Ethernet header included. */
    int room() {
        return (int) (view.l3 - roomStart);
    }

    /** How many packets this is on the wire: a super-packet is several. */
    int wirePackets() {
        if (!offload.isGso() || offload.gsoSize() <= 0) {
            return 1;
        }
        int payload = view.length() - segmentHeaders();
        return Math.max(1, (payload + offload.gsoSize() - 1) / offload.gsoSize());
    }

    /** IP and transport header of a super-packet's segments. */
    int segmentHeaders() {
        return (int) (view.l4 - view.l3) + Segmenter.transportHeader(view);
    }

    /** Length of the largest IP packet that will be on the wire. */
    int wireLength() {
        if (!offload.isGso() || offload.gsoSize() <= 0) {
            return view.length();
        }
        return Math.min(view.length(), segmentHeaders() + offload.gsoSize());
    }

    /** The largest packet that leaves on a way: a reassembled one in fragments not larger than those it came in. */
    int sendSize(int mtu) {
        return largestFragment == 0 ? mtu : Math.min(mtu, largestFragment);
    }

    /** Where the frame that carries the packet begins when its Ethernet header has the usual length. */
    long frame() {
        return view.l3 - Ethernet.HEADER;
    }
}
