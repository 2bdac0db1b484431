package org.halvs.ipvs.forward;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.Icmp;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv4Options;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;
import org.jspecify.annotations.Nullable;

/**
 * Puts fragments of IPv4 (RFC 815) and IPv6 (RFC 8200 section 4.5) packets together. A bounded number of datagrams is worked on at once; when it is
 * reached, the oldest gives way. Overlapping fragments make the whole datagram invalid (RFC 5722; IPv4 does the same in the kernel).
 */
final class FragmentReassembler {
    private static final int SLOTS = 64;
    private static final long IPV4_NANOS = 30_000_000_000L;
    private static final long IPV6_NANOS = 60_000_000_000L;
    /** Where the payload of a datagram is gathered; its headers go in front of it. */
    private static final int PAYLOAD_AT = 1024;

    private static final int MAX_PAYLOAD = 65535;
    /** The congestion mark "experienced"; also the mask of all of them. */
    private static final int CONGESTION = 3;
    /** The bit of the mark of a sender without congestion notification. */
    private static final int NOT_CAPABLE = 1;

    private static final int UNITS = (MAX_PAYLOAD + 8) / 8;

    private static final class Slot {
        final MemorySegment memory = Arena.ofAuto().allocate(PAYLOAD_AT + MAX_PAYLOAD + 9, 64);
        final long[] present = new long[UNITS / 64 + 1];
        boolean ipv4;
        int protocol;
        int id;
        long sourceHigh;
        long sourceLow;
        long destinationHigh;
        long destinationLow;
        long startedNanos;
        int gathered;
        int total;
        int headerLength;
        /** Of the fragment with the transport header; 0 until it has come. */
        int firstLength;
        /** Of the fragment with the transport header, which the datagram has. */
        final Ipv4Options options = new Ipv4Options();

        int largest;
        final long[] starts = new long[UNITS / 64 + 1];
        /** The largest one that forbids fragmentation. */
        int largestForbidding;

        /** The congestion marks that came, a bit for each of the four. */
        int marks;

        boolean used;
    }

    /** Hears of the first fragment of a datagram that never became whole. */
    @FunctionalInterface
    interface Late {
        void givenUp(MemorySegment segment, long l3, int length, Ipv4Options options);
    }

    private final @Nullable Slot[] slots = new Slot[SLOTS];
    /** Whether a datagram may be waiting for fragments, and until when none of those is given up. */
    private boolean gathering;

    private long dueNanos;

    /**
     * Takes in the fragment in hand.
     *
     * @return {@link Verdict.Accepted#HELD} while others are missing; a drop reason when the datagram can't be put together; FORWARDED when it is
     *     whole: then the packet in hand is the datagram, in memory that stays until the next call; or when the packet in hand is a first fragment
     *     that nothing is put to, as it lacks headers
     */
    Verdict add(Work work) {
        PacketView fragment = work.view;
        int length = (int) (fragment.end - payload(fragment));
        int offset = fragment.fragmentOffset;
        if (fragment.moreFragments && length % 8 != 0 || length <= 0 || offset + length > MAX_PAYLOAD) {
            return DropReason.FRAGMENT;
        }
        if (!fragment.ipv4 && offset == 0 && isTransportHeaderCut(fragment)) {
            return Verdict.Accepted.FORWARDED; // COMPAT: it goes on alone (ipv6_defrag), and the rest waits in vain
        }
        Slot slot = slot(fragment, work.nowNanos);
        if (isThere(slot, offset, length, fragment.moreFragments)) {
            return DropReason.FRAGMENT; // sent twice, which harms nobody
        }
        if (!fits(slot, offset, length, fragment.moreFragments)) {
            slot.used = false;
            return DropReason.FRAGMENT;
        }
        Wire.copy(fragment.segment, payload(fragment), slot.memory, PAYLOAD_AT + (long) offset, length);
        mark(slot, offset, length);
        slot.gathered += length;
        slot.largest = Math.max(slot.largest, fragment.length());
        if (fragment.ipv4 && Ipv4.dontFragment(fragment.segment, fragment.l3)) {
            slot.largestForbidding = Math.max(slot.largestForbidding, fragment.length());
        }
        slot.starts[offset / 8 >>> 6] |= 1L << offset / 8;
        slot.marks |= 1
                << ((fragment.ipv4
                                ? Ipv4.tos(fragment.segment, fragment.l3)
                                : Ipv6.trafficClass(fragment.segment, fragment.l3))
                        & CONGESTION);
        if (!fragment.moreFragments) {
            slot.total = offset + length;
        }
        if (offset == 0) {
            keepHeaders(slot, fragment);
            slot.options.set(work.options);
        }
        if (slot.total < 0 || slot.gathered < slot.total || slot.headerLength == 0) {
            return Verdict.Accepted.HELD;
        }
        return whole(work, slot);
    }

    /** The first fragment has all headers up to that of the transport (RFC 7112, {@code ipv6frag_thdr_truncated}). */
    private static boolean isTransportHeaderCut(PacketView first) {
        int needed = switch (first.protocol) {
            case IpProtocol.TCP -> Tcp.HEADER;
            case IpProtocol.UDP -> Udp.HEADER;
            case IpProtocol.ICMPV6 -> Icmp.HEADER;
            default -> 1;
        };
        return first.end - first.l4 < needed;
    }

    private static long payload(PacketView fragment) {
        return fragment.ipv4 ? fragment.l4 : fragment.fragmentHeader + Ipv6.FRAGMENT_HEADER;
    }

    /** Whether all of a fragment has come before ({@code IPFRAG_DUP}). */
    private static boolean isThere(Slot slot, int offset, int length, boolean more) {
        int end = offset + length;
        if (more ? slot.total >= 0 && end > slot.total : slot.total != end) {
            return false;
        }
        for (int unit = offset / 8; unit < (end + 7) / 8; unit++) {
            if ((slot.present[unit >>> 6] & 1L << unit) == 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(Slot slot, int offset, int length, boolean more) {
        int end = offset + length;
        if (slot.total >= 0 && (end > slot.total || !more)) {
            return false;
        }
        for (int unit = offset / 8; unit < (end + 7) / 8; unit++) {
            if ((slot.present[unit >>> 6] & 1L << unit) != 0) {
                return false;
            }
        }
        return true;
    }

    private static void mark(Slot slot, int offset, int length) {
        for (int unit = offset / 8; unit < (offset + length + 7) / 8; unit++) {
            slot.present[unit >>> 6] |= 1L << unit;
        }
    }

    /** Headers of the first fragment, without the fragment header of IPv6, with the Ethernet header in front. */
    private static void keepHeaders(Slot slot, PacketView fragment) {
        long end = fragment.ipv4 ? fragment.l4 : fragment.fragmentHeader;
        int length = (int) (end - fragment.l3);
        if (length + Ethernet.HEADER > PAYLOAD_AT - 256) {
            return;
        }
        slot.headerLength = length;
        slot.firstLength = fragment.length();
        long at = (long) PAYLOAD_AT - length;
        Wire.copy(
                fragment.segment,
                fragment.l3 - Ethernet.HEADER,
                slot.memory,
                at - Ethernet.HEADER,
                (long) length + Ethernet.HEADER);
        if (!fragment.ipv4) {
            int next = Wire.u8(fragment.segment, fragment.fragmentHeader);
            Wire.put8(slot.memory, lastNextHeader(slot.memory, at, length), next);
        }
    }

    /** Where the number of the fragment header stands in a chain of {@code length} bytes. */
    static long lastNextHeader(MemorySegment s, long at, int length) {
        long field = at + 6;
        long header = at + Ipv6.HEADER;
        while (header < at + length) {
            field = header;
            header += (Wire.u8(s, header + 1) + 1) * 8L;
        }
        return field;
    }

    private static Verdict whole(Work work, Slot slot) {
        slot.used = false;
        long l3 = (long) PAYLOAD_AT - slot.headerLength;
        MemorySegment s = slot.memory;
        int length = slot.headerLength + slot.total;
        if (length > 65535 + (slot.ipv4 ? 0 : Ipv6.HEADER)) {
            return DropReason.FRAGMENT;
        }
        // RFC 3168 section 5.3
        boolean congested = (slot.marks & 1 << CONGESTION) != 0;
        if ((slot.marks & NOT_CAPABLE) != 0 && slot.marks != NOT_CAPABLE) {
            return DropReason.FRAGMENT;
        }
        if (slot.ipv4) {
            Wire.put16(s, l3 + 2, length);
            Wire.put16(s, l3 + 6, slot.largestForbidding == slot.largest ? Ipv4.DONT_FRAGMENT : 0);
            if (congested) {
                Wire.put8(s, l3 + 1, Wire.u8(s, l3 + 1) | CONGESTION);
            }
            Ipv4.writeChecksum(s, l3);
        } else {
            Wire.put16(s, l3 + 4, length - Ipv6.HEADER);
            if (congested) {
                Wire.put8(s, l3 + 1, Wire.u8(s, l3 + 1) | CONGESTION << 4);
            }
        }
        if (work.view.parse(s, l3, l3 + length, true) != PacketView.Parsed.OK) {
            return DropReason.MALFORMED;
        }
        work.options.set(slot.options);
        work.roomStart = 0;
        work.largestFragment = slot.largest;
        work.fragmentStarts = slot.starts;
        work.offload.clear();
        return Verdict.Accepted.FORWARDED;
    }

    /** Whether {@link #expire} may have something to do. */
    boolean isDue(long nowNanos) {
        return gathering && nowNanos - dueNanos > 0;
    }

    private void waitFor(Slot slot) {
        long end = slot.startedNanos + lifetime(slot);
        if (!gathering || end - dueNanos < 0) {
            dueNanos = end;
        }
        gathering = true;
    }

    /** Gives up datagrams whose fragments have not all come in time. */
    void expire(long nowNanos, Late late) {
        gathering = false;
        for (Slot slot : slots) {
            if (slot == null || !slot.used) {
                continue;
            }
            if (nowNanos - slot.startedNanos <= lifetime(slot)) {
                waitFor(slot);
                continue;
            }
            slot.used = false;
            if (slot.firstLength > 0) {
                late.givenUp(slot.memory, firstFragment(slot), slot.firstLength, slot.options);
            }
        }
    }

    /** Where the first fragment begins, after it has got back the fragment header of IPv6 that it came with. */
    private static long firstFragment(Slot slot) {
        MemorySegment s = slot.memory;
        long l3 = (long) PAYLOAD_AT - slot.headerLength;
        if (slot.ipv4) {
            return l3;
        }
        long field = lastNextHeader(s, l3, slot.headerLength);
        int next = Wire.u8(s, field);
        Wire.put8(s, field, Ipv6.FRAGMENT);
        long moved = l3 - Ipv6.FRAGMENT_HEADER;
        MemorySegment.copy(s, l3, s, moved, slot.headerLength);
        long header = moved + slot.headerLength;
        Wire.put16(s, header, next << 8);
        Wire.put16(s, header + 2, 1); // offset 0, more follow
        Wire.put32(s, header + 4, slot.id);
        return moved;
    }

    private Slot slot(PacketView fragment, long nowNanos) {
        int id = fragment.ipv4
                ? Ipv4.id(fragment.segment, fragment.l3)
                : Wire.i32(fragment.segment, fragment.fragmentHeader + 4);
        int free = -1;
        int oldest = 0;
        for (int i = 0; i < SLOTS; i++) {
            Slot slot = slots[i];
            if (slot == null || !slot.used || nowNanos - slot.startedNanos > lifetime(slot)) {
                free = free < 0 ? i : free;
                continue;
            }
            if (slot.id == id
                    && slot.ipv4 == fragment.ipv4
                    && (!slot.ipv4 || slot.protocol == fragment.protocol)
                    && slot.sourceLow == fragment.sourceLow
                    && slot.destinationLow == fragment.destinationLow
                    && slot.sourceHigh == fragment.sourceHigh
                    && slot.destinationHigh == fragment.destinationHigh) {
                return slot;
            }
            Slot candidate = slots[oldest];
            if (candidate == null || !candidate.used || slot.startedNanos < candidate.startedNanos) {
                oldest = i;
            }
        }
        int number = free >= 0 ? free : oldest;
        Slot slot = slots[number];
        if (slot == null) {
            slot = new Slot();
            slots[number] = slot;
        }
        slot.ipv4 = fragment.ipv4;
        slot.protocol = fragment.protocol;
        slot.id = id;
        slot.sourceHigh = fragment.sourceHigh;
        slot.sourceLow = fragment.sourceLow;
        slot.destinationHigh = fragment.destinationHigh;
        slot.destinationLow = fragment.destinationLow;
        slot.startedNanos = nowNanos;
        slot.gathered = 0;
        slot.total = -1;
        slot.headerLength = 0;
        slot.firstLength = 0;
        slot.largest = 0;
        slot.largestForbidding = 0;
        slot.marks = 0;
        Arrays.fill(slot.starts, 0);
        slot.used = true;
        waitFor(slot);
        Arrays.fill(slot.present, 0);
        return slot;
    }

    private static long lifetime(Slot slot) {
        return slot.ipv4 ? IPV4_NANOS : IPV6_NANOS;
    }
}
