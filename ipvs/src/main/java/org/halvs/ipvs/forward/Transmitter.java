package org.halvs.ipvs.forward;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;

/** Puts finished IP packets into Ethernet frames and hands them to the sink, fragmented or segmented where the way demands it. */
final class Transmitter {
    /** Where packets are built in scratch memory: behind room for the outer headers of a tunnel. */
    static final long SCRATCH_AT = 256;

    private static final int SCRATCH_SIZE = 65536 + 1024;

    private final Offload none = new Offload();
    private final MemorySegment fragments = Arena.ofAuto().allocate(SCRATCH_SIZE, 64);
    private final MemorySegment segments = Arena.ofAuto().allocate(SCRATCH_SIZE, 64);
    private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH_SIZE, 64);
    private final Segmenter segmenter = new Segmenter();
    private final SegmentSender segmentSender = new SegmentSender();
    private static final long[] NO_STARTS = {};

    /** Where the fragments of the packet in hand began, empty for one that came whole. */
    private long[] starts = NO_STARTS;

    private int identification;

    /** Sends the segments of the super-packet in hand; one object for all, so that none costs an allocation. */
    private final class SegmentSender implements Segmenter.Consumer {
        private FrameSink out = FrameSink.NOWHERE;
        private Hop hop = new Hop();
        private boolean ipv4;
        private int mtu;

        @Override
        public void accept(MemorySegment segment, long l3, int length) {
            fragment(out, segment, l3, length, ipv4, hop, mtu, false);
        }
    }

    Transmitter(long seed) {
        identification = (int) (seed ^ seed >>> 32) & 0xffff;
    }

    /** Memory for a packet that is built or moved; one packet at a time. */
    MemorySegment scratch() {
        return scratch;
    }

    /** An identification for an IPv4 packet of the director's own. */
    int nextIdentification() {
        identification = identification + 1 & 0xffff;
        return identification;
    }

    /**
     * Sends the packet in hand as it stands now. It goes out in one frame, in segments when it is a super-packet that has to be fragmented, in
     * fragments when it is longer than {@code mtu}; whether it may be fragmented has been decided before.
     *
     * @param mtu of the way; also the size of the fragments a reassembled packet leaves in
     */
    void send(Work work, Hop hop, int mtu) {
        PacketView view = work.view;
        if (work.wireLength() <= mtu) {
            frame(work.out, view.segment, view.l3, view.length(), view.ipv4, hop, work.offload);
            return;
        }
        if (work.offload.isGso() && Segmenter.canSegment(view, work.offload)) {
            segmentSender.out = work.out;
            segmentSender.ipv4 = view.ipv4;
            segmentSender.hop = hop;
            segmentSender.mtu = mtu;
            segmenter.cut(view, work.offload, segments, SCRATCH_AT, segmentSender);
            return;
        }
        finishChecksum(work);
        starts = work.largestFragment == 0 ? NO_STARTS : work.fragmentStarts;
        boolean forbids = work.largestFragment != 0 && view.dontFragment();
        fragment(work.out, view.segment, view.l3, view.length(), view.ipv4, hop, mtu, forbids);
        starts = NO_STARTS;
    }

    /** Cuts a super-packet; every segment goes to the consumer. */
    void segments(Work work, Segmenter.Consumer consumer) {
        segmenter.cut(work.view, work.offload, segments, SCRATCH_AT, consumer);
    }

    /**
     * Sends a packet that stands alone, fragmented where it is longer than {@code mtu}.
     *
     * @param forbids whether fragments of IPv4 say that they may not be fragmented further, as those did that the packet, or the one it carries, came
     *     in; a whole packet that is fragmented all the same, an ICMP error, loses the flag
     */
    void fragment(
            FrameSink out,
            MemorySegment segment,
            long l3,
            int length,
            boolean ipv4,
            Hop hop,
            int mtu,
            boolean forbids) {
        if (length <= mtu) {
            frame(out, segment, l3, length, ipv4, hop, none);
        } else if (ipv4) {
            fragmentIpv4(out, segment, l3, length, hop, mtu, forbids);
        } else {
            fragmentIpv6(out, segment, l3, length, hop, mtu);
        }
    }

    private void fragmentIpv4(
            FrameSink out, MemorySegment segment, long l3, int length, Hop hop, int mtu, boolean forbids) {
        int header = Ipv4.headerLength(segment, l3);
        int room = mtu - header;
        int step = room / 8 * 8;
        if (step <= 0) {
            return;
        }
        int field = Ipv4.fragment(segment, l3);
        int startOffset = field & Ipv4.OFFSET_MASK;
        boolean moreFollow = (field & Ipv4.MORE_FRAGMENTS) != 0;
        int payload = length - header;
        boolean again = isAgain(payload, room);
        int part;
        for (int done = 0; done < payload; done += part) {
            part = again ? nextStart(done, payload) - done : payload - done <= room ? payload - done : step;
            boolean last = done + part == payload && !moreFollow;
            Wire.copy(segment, l3, fragments, SCRATCH_AT, header);
            Wire.copy(segment, l3 + header + done, fragments, SCRATCH_AT + header, part);
            if (done > 0) {
                blankFirstOnlyOptions(header);
            }
            Wire.put16(fragments, SCRATCH_AT + 2, header + part);
            int flags = forbids ? Ipv4.DONT_FRAGMENT : 0;
            Wire.put16(
                    fragments,
                    SCRATCH_AT + 6,
                    flags | (last ? 0 : Ipv4.MORE_FRAGMENTS) | startOffset + done / 8 & Ipv4.OFFSET_MASK);
            Ipv4.writeChecksum(fragments, SCRATCH_AT);
            frame(out, fragments, SCRATCH_AT, header + part, true, hop, none);
        }
    }

    /** Options whose copy bit is not set stand in the first fragment only (RFC 791 section 3.1); the kernel puts no-operations there. */
    private void blankFirstOnlyOptions(int header) {
        long at = SCRATCH_AT + Ipv4.HEADER;
        long end = SCRATCH_AT + header;
        while (at < end) {
            int option = Wire.u8(fragments, at);
            if (option == 0) {
                return;
            }
            if (option == 1) {
                at++;
                continue;
            }
            int size = at + 1 < end ? Wire.u8(fragments, at + 1) : 0;
            if (size < 2 || at + size > end) {
                return;
            }
            if ((option & 0x80) == 0) {
                for (int i = 0; i < size; i++) {
                    Wire.put8(fragments, at + i, 1);
                }
            }
            at += size;
        }
    }

    /** Whether a packet leaves in the very fragments it came in: none carries more than {@code room}. */
    private boolean isAgain(int payload, int room) {
        if (starts.length == 0) {
            return false;
        }
        for (int done = 0; done < payload; ) {
            int next = nextStart(done, payload);
            if (next - done > room) {
                return false;
            }
            done = next;
        }
        return true;
    }

    private int nextStart(int done, int payload) {
        for (int unit = done / 8 + 1; unit * 8 < payload; unit++) {
            if ((starts[unit >>> 6] & 1L << unit) != 0) {
                return unit * 8;
            }
        }
        return payload;
    }

    /** The length of what every fragment has: the header with hop-by-hop options, routing and destination options ({@code ip6_find_1stfragopt}). */
    private static int unfragmentable(MemorySegment segment, long l3, int length) {
        int next = Ipv6.nextHeader(segment, l3);
        int at = Ipv6.HEADER;
        boolean routed = false;
        while (at + 8 <= length
                && (next == Ipv6.HOP_BY_HOP || next == Ipv6.ROUTING || next == Ipv6.DESTINATION_OPTIONS && !routed)) {
            routed |= next == Ipv6.ROUTING;
            next = Wire.u8(segment, l3 + at);
            at += (Wire.u8(segment, l3 + at + 1) + 1) * 8;
        }
        return at <= length ? at : Ipv6.HEADER;
    }

    private void fragmentIpv6(FrameSink out, MemorySegment segment, long l3, int length, Hop hop, int mtu) {
        int header = unfragmentable(segment, l3, length);
        long field = FragmentReassembler.lastNextHeader(segment, l3, header) - l3;
        // a packet that came in smaller fragments may leave in larger ones: every way carries so much
        int room = Math.max(mtu, Ipv6.MIN_MTU) - header - Ipv6.FRAGMENT_HEADER;
        int step = room / 8 * 8;
        if (step <= 0) {
            return;
        }
        int next = Wire.u8(segment, l3 + field);
        int id = nextIdentification() << 16 | nextIdentification();
        int payload = length - header;
        boolean again = isAgain(payload, room);
        int part;
        for (int done = 0; done < payload; done += part) {
            part = again ? nextStart(done, payload) - done : payload - done <= room ? payload - done : step;
            boolean last = done + part == payload;
            Wire.copy(segment, l3, fragments, SCRATCH_AT, header);
            Wire.put16(fragments, SCRATCH_AT + 4, header - Ipv6.HEADER + Ipv6.FRAGMENT_HEADER + part);
            Wire.put8(fragments, SCRATCH_AT + field, Ipv6.FRAGMENT);
            long at = SCRATCH_AT + header;
            Wire.put16(fragments, at, next << 8);
            Wire.put16(fragments, at + 2, done | (last ? 0 : 1));
            Wire.put32(fragments, at + 4, id);
            Wire.copy(segment, l3 + header + done, fragments, at + Ipv6.FRAGMENT_HEADER, part);
            frame(out, fragments, SCRATCH_AT, header + Ipv6.FRAGMENT_HEADER + part, false, hop, none);
        }
    }

    /** Hands one frame to the sink; the 14 bytes in front of the IP header become its Ethernet header. */
    void frame(FrameSink out, MemorySegment segment, long l3, int length, boolean ipv4, Hop hop, Offload offload) {
        long start = l3 - Ethernet.HEADER;
        boolean known = hop.targetMac != NetworkView.NO_MAC;
        Ethernet.write(segment, start, known ? hop.targetMac : 0, hop.sourceMac, ipv4 ? Ethernet.IPV4 : Ethernet.IPV6);
        if (known) {
            out.transmit(hop.interfaceIndex, segment, start, length + Ethernet.HEADER, offload);
        } else {
            IpAddress next = new IpAddress(
                    hop.nextIpv4 ? IpAddress.Family.IPV4 : IpAddress.Family.IPV6, hop.nextHigh, hop.nextLow);
            out.unresolved(hop.interfaceIndex, next, segment, start, length + Ethernet.HEADER, offload);
        }
    }

    /** Does in software what was left to a card: the transport checksum of the packet in hand. */
    static void finishChecksum(Work work) {
        Offload offload = work.offload;
        if (!offload.isChecksumPartial() || offload.isGso()) {
            return;
        }
        PacketView view = work.view;
        long start = work.frame() + offload.checksumStart();
        long field = start + offload.checksumOffset();
        if (start < view.l4 || field + 2 > view.end) {
            return;
        }
        if (view.protocol == IpProtocol.SCTP) {
            Sctp.writeChecksum(view.segment, view.l4, view.transportLength());
        } else {
            int checksum = Checksum.finish(Checksum.sum(view.segment, start, view.end - start, 0));
            Wire.put16(view.segment, field, view.protocol == IpProtocol.UDP ? Udp.onWire(checksum) : checksum);
        }
        offload.clear();
    }
}
