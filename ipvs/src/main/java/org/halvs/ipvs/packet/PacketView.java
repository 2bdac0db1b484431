package org.halvs.ipvs.packet;

import java.lang.foreign.MemorySegment;

/**
 * The headers of one IP packet, read once: addresses, protocol, ports, where things stand. Mutable and reused. Also reads the packet inside an
 * ICMP error or a tunnel, of which only the beginning may be there.
 */
public final class PacketView {
    /** What {@link #parse} found. */
    public enum Parsed {
        OK,
        /** Not IP, cut off, or of lengths that contradict each other. */
        MALFORMED,
        BAD_CHECKSUM,
        /** IPv6 whose extension headers do not end within the packet, so that nobody can tell its protocol. */
        ENDLESS
    }

    public MemorySegment segment = MemorySegment.NULL;
    /** Where the IP header begins. */
    public long l3;
    /** Where the transport header begins, or what a fragment carries instead. */
    public long l4;
    /** The end of the packet by its length field. */
    public long end;

    public boolean ipv4;
    /** Time to live, or hop limit. */
    public int ttl;

    public int protocol;
    public long sourceHigh;
    public long sourceLow;
    public long destinationHigh;
    public long destinationLow;
    /** Ports; both 0 where the protocol has none or they are not there. */
    public int sourcePort;

    public int destinationPort;
    public boolean hasPorts;
    /** The flags of a TCP header; 0 for other protocols and where they are not there. */
    public int tcpFlags;
    /** Bytes into the datagram; 0 for the first fragment and whole packets. */
    public int fragmentOffset;

    public boolean moreFragments;
    /** Where the fragment header of IPv6 stands, or 0. */
    public long fragmentHeader;
    /** Where the number of the protocol stands that {@link #l4} begins, for rewriting an IPv6 chain. */
    public long protocolField;

    /**
     * Reads a packet. What the fields say of one that is not {@link Parsed#OK} means nothing.
     *
     * @param limit end of the readable bytes
     * @param whole whether the packet must be complete and its header checksum right; not so inside an ICMP error
     */
    public Parsed parse(MemorySegment memory, long at, long limit, boolean whole) {
        segment = memory;
        l3 = at;
        if (at + Ipv4.HEADER > limit) {
            return Parsed.MALFORMED;
        }
        // The headers in reads of eight bytes: most of what a packet costs is the number of its reads. Shorter
        // fields are read as the end of eight bytes, so that a segment's bounds are reckoned for one length only.
        long first = Wire.i64(memory, at);
        int version = (int) (first >>> 60);
        Parsed parsed = version == 4
                ? parseIpv4(first, limit, whole)
                : version == 6 ? parseIpv6(first, limit, whole) : Parsed.MALFORMED;
        if (parsed == Parsed.OK) {
            readPorts(Math.min(end, limit));
        }
        return parsed;
    }

    private void readPorts(long readable) {
        hasPorts = fragmentOffset == 0 && IpProtocol.isTransport(protocol) && l4 + 4 <= readable;
        int ports = hasPorts ? (int) Wire.i64(segment, l4 - 4) : 0;
        sourcePort = ports >>> 16;
        destinationPort = ports & 0xffff;
        tcpFlags = hasPorts && protocol == IpProtocol.TCP && l4 + Tcp.FLAGS < readable
                ? (int) Wire.i64(segment, l4 + Tcp.FLAGS - 7) & 0xff
                : 0;
    }

    private Parsed parseIpv4(long first, long limit, boolean whole) {
        ipv4 = true;
        long second = Wire.i64(segment, l3 + 8);
        long addresses = Wire.i64(segment, l3 + 12);
        long destination = addresses & 0xffffffffL;
        int headerLength = (int) (first >>> 56 & 0xf) * 4;
        int total = (int) (first >>> 32) & 0xffff;
        long headerEnd = l3 + headerLength;
        long packetEnd = l3 + total;
        if (headerLength < Ipv4.HEADER || headerEnd > limit || packetEnd < headerEnd || whole && packetEnd > limit) {
            return Parsed.MALFORMED;
        }
        l4 = headerEnd;
        end = packetEnd;
        ttl = (int) (second >>> 56);
        protocol = (int) (second >>> 48) & 0xff;
        protocolField = l3 + 9;
        sourceHigh = 0;
        sourceLow = addresses >>> 32;
        destinationHigh = 0;
        destinationLow = destination;
        int fragment = (int) first & 0xffff;
        fragmentHeader = 0;
        fragmentOffset = (fragment & Ipv4.OFFSET_MASK) * 8;
        moreFragments = (fragment & Ipv4.MORE_FRAGMENTS) != 0;
        if (!whole) {
            return Parsed.OK;
        }
        long sum = Checksum.words(first) + Checksum.words(second) + destination;
        if (headerLength > Ipv4.HEADER) {
            sum = Checksum.sum(segment, l3 + Ipv4.HEADER, headerLength - Ipv4.HEADER, sum);
        }
        return Checksum.fold(sum) == 0xffff ? Parsed.OK : Parsed.BAD_CHECKSUM;
    }

    private Parsed parseIpv6(long first, long limit, boolean whole) {
        ipv4 = false;
        fragmentHeader = 0;
        fragmentOffset = 0;
        moreFragments = false;
        if (l3 + Ipv6.HEADER > limit) {
            return Parsed.MALFORMED;
        }
        end = l3 + Ipv6.HEADER + ((int) (first >>> 16) & 0xffff);
        if (whole && end > limit) {
            return Parsed.MALFORMED;
        }
        sourceHigh = Wire.i64(segment, l3 + 8);
        sourceLow = Wire.i64(segment, l3 + 16);
        destinationHigh = Wire.i64(segment, l3 + 24);
        destinationLow = Wire.i64(segment, l3 + 32);
        ttl = (int) first & 0xff;
        protocol = (int) (first >>> 8) & 0xff;
        protocolField = l3 + 6;
        l4 = l3 + Ipv6.HEADER;
        long readable = Math.min(end, limit);
        while (isExtension(protocol)) {
            if (l4 + 8 > readable) {
                return Parsed.ENDLESS;
            }
            int next = Wire.u8(segment, l4);
            int length;
            if (protocol == Ipv6.FRAGMENT) {
                int field = Wire.u16(segment, l4 + 2);
                fragmentHeader = l4;
                fragmentOffset = field & 0xfff8;
                moreFragments = (field & 1) != 0;
                length = Ipv6.FRAGMENT_HEADER;
            } else {
                length = protocol == Ipv6.AUTHENTICATION
                        ? (Wire.u8(segment, l4 + 1) + 2) * 4
                        : (Wire.u8(segment, l4 + 1) + 1) * 8;
            }
            protocolField = l4;
            l4 += length;
            protocol = next;
            if (l4 > readable) {
                return Parsed.ENDLESS;
            }
            if (fragmentOffset > 0) {
                break;
            }
        }
        return Parsed.OK;
    }

    private static boolean isExtension(int header) {
        return header == Ipv6.HOP_BY_HOP
                || header == Ipv6.ROUTING
                || header == Ipv6.FRAGMENT
                || header == Ipv6.DESTINATION_OPTIONS
                || header == Ipv6.AUTHENTICATION;
    }

    public boolean isFragment() {
        return moreFragments || fragmentOffset > 0;
    }

    /** Whether an IPv4 header has options. */
    public boolean hasOptions() {
        return ipv4 && l4 - l3 > Ipv4.HEADER;
    }

    /** Length of an IPv4 header with its options, in bytes. */
    public int headerLength() {
        return (int) (l4 - l3);
    }

    /** Length of the packet from its IP header on, in bytes. */
    public int length() {
        return (int) (end - l3);
    }

    /** Length of what the transport header begins. */
    public int transportLength() {
        return (int) (end - l4);
    }

    public void decrementTtl() {
        ttl--;
        if (ipv4) {
            Ipv4.decrementTtl(segment, l3);
        } else {
            Ipv6.decrementHopLimit(segment, l3);
        }
    }

    /** Whether the packet must not be fragmented on its way; IPv6 packets never are. */
    public boolean dontFragment() {
        return !ipv4 || Ipv4.dontFragment(segment, l3);
    }

    /** Sum of the pseudo-header for a transport packet of the length this one has. */
    public long pseudoHeaderSum() {
        return Checksum.pseudoHeader(
                sourceHigh, sourceLow, destinationHigh, destinationLow, protocol, transportLength());
    }
}
