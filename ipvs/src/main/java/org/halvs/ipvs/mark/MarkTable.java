package org.halvs.ipvs.mark;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.ToLongFunction;
import org.halvs.linux.IpAddress;

/** Rules in their order, ready to mark packets. Immutable; looking at a packet allocates nothing and takes time in proportion to the rules. */
public final class MarkTable {
    /** Marks nothing. */
    public static final MarkTable EMPTY = new MarkTable(List.of(), _ -> 0);

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ETHERNET_HEADER = 14;
    private static final int VLAN_TAG = 4;
    private static final int NO_PORT = -1;
    /** Hop-by-hop, routing, fragment and destination options: the IPv6 headers that may stand before a transport header. */
    private static final int MOST_EXTENSIONS = 8;

    private static final class Compiled {
        final MarkRule rule;
        final boolean ipv4;
        final boolean everyPort;
        final long interfaces;
        final long destinationHigh;
        final long destinationLow;
        final long destinationHighMask;
        final long destinationLowMask;
        final long sourceHigh;
        final long sourceLow;
        final long sourceHighMask;
        final long sourceLowMask;

        Compiled(MarkRule rule, long interfaces) {
            this.rule = rule;
            this.interfaces = interfaces;
            this.everyPort = rule.everyPort();
            IpAddress destination = rule.destination().address();
            IpAddress source = rule.source().address();
            this.ipv4 = destination.isIpv4();
            this.destinationHighMask = highMask(rule.destination());
            this.destinationLowMask = lowMask(rule.destination());
            this.sourceHighMask = highMask(rule.source());
            this.sourceLowMask = lowMask(rule.source());
            this.destinationHigh = destination.high() & destinationHighMask;
            this.destinationLow = destination.low() & destinationLowMask;
            this.sourceHigh = source.high() & sourceHighMask;
            this.sourceLow = source.low() & sourceLowMask;
        }

        private static long highMask(MarkRule.Network network) {
            int length = network.address().isIpv4() ? 0 : Math.min(64, network.prefixLength());
            return length == 0 ? 0 : -1L << (64 - length);
        }

        private static long lowMask(MarkRule.Network network) {
            int length = network.address().isIpv4() ? network.prefixLength() + 32 : network.prefixLength();
            return length <= (network.address().isIpv4() ? 32 : 64)
                    ? 0
                    : network.address().isIpv4() ? -1L << (64 - length) & 0xffffffffL : -1L << (128 - length);
        }
    }

    private final Compiled[] rules;

    /**
     * @param rules all that match a packet change its mark, one after the other
     * @param interfaces the set of interface numbers (bit n for number n, 1 to 63) that a rule's interface name stands for; asked only for rules
     *     that name one
     */
    public MarkTable(List<MarkRule> rules, ToLongFunction<String> interfaces) {
        this.rules = rules.stream()
                .map(rule -> new Compiled(
                        rule, rule.interfaceName().map(interfaces::applyAsLong).orElse(-1L)))
                .toArray(Compiled[]::new);
    }

    public boolean isEmpty() {
        return rules.length == 0;
    }

    /**
     * The mark of an Ethernet frame, 0 for none. What is no IP packet or too short gets none. A later fragment has no ports, so rules with ports
     * pass it over.
     *
     * @param offset of the Ethernet header in {@code segment}; one VLAN tag may follow it
     * @param interfaceIndex where it came in; interfaces above 63 match only rules without interface
     */
    public long mark(MemorySegment segment, long offset, int length, int interfaceIndex) {
        if (rules.length == 0 || length < ETHERNET_HEADER + 20) {
            return 0;
        }
        long ip = offset + ETHERNET_HEADER;
        long end = offset + length;
        int type = Short.toUnsignedInt(segment.get(SHORT, offset + 12));
        if (type == 0x8100) {
            type = Short.toUnsignedInt(segment.get(SHORT, offset + 16));
            ip += VLAN_TAG;
        }
        if (type == 0x0800 && end - ip >= 20) {
            return markIpv4(segment, ip, end, interfaceIndex);
        }
        return type == 0x86dd && end - ip >= 40 ? markIpv6(segment, ip, end, interfaceIndex) : 0;
    }

    private long markIpv4(MemorySegment segment, long ip, long end, int interfaceIndex) {
        int protocol = Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, ip + 9));
        boolean first = (segment.get(SHORT, ip + 6) & 0x1fff) == 0;
        long transport = ip + (segment.get(ValueLayout.JAVA_BYTE, ip) & 15) * 4L;
        return mark(
                true,
                0,
                Integer.toUnsignedLong(segment.get(INT, ip + 12)),
                0,
                Integer.toUnsignedLong(segment.get(INT, ip + 16)),
                protocol,
                first ? port(segment, transport, end, protocol) : NO_PORT,
                interfaceIndex);
    }

    private long markIpv6(MemorySegment segment, long ip, long end, int interfaceIndex) {
        int protocol = Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, ip + 6));
        long transport = ip + 40;
        boolean first = true;
        for (int i = 0; i < MOST_EXTENSIONS && isExtension(protocol) && end - transport >= 8; i++) {
            int next = Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, transport));
            if (protocol == 44) {
                first &= (segment.get(SHORT, transport + 2) & 0xfff8) == 0;
                transport += 8;
            } else {
                transport += 8L + Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, transport + 1)) * 8L;
            }
            protocol = next;
        }
        return mark(
                false,
                segment.get(LONG, ip + 8),
                segment.get(LONG, ip + 16),
                segment.get(LONG, ip + 24),
                segment.get(LONG, ip + 32),
                protocol,
                first ? port(segment, transport, end, protocol) : NO_PORT,
                interfaceIndex);
    }

    private static boolean isExtension(int protocol) {
        return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60;
    }

    private static int port(MemorySegment segment, long transport, long end, int protocol) {
        boolean ports = protocol == 6 || protocol == 17 || protocol == 132 || protocol == 33 || protocol == 136;
        return ports && end - transport >= 4 ? Short.toUnsignedInt(segment.get(SHORT, transport + 2)) : NO_PORT;
    }

    /**
     * The mark of a packet whose headers have been read; IPv4 addresses are the low 32 bits of their low word.
     *
     * @param port the destination port, or -1 when the packet has none
     */
    public long mark(
            boolean ipv4,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow,
            int protocol,
            int port,
            int interfaceIndex) {
        long mark = 0;
        long interfaceBit = interfaceIndex > 0 && interfaceIndex < 64 ? 1L << interfaceIndex : 0;
        for (Compiled each : rules) {
            MarkRule rule = each.rule;
            boolean matches = each.ipv4 == ipv4
                    && (rule.protocol() == 0 || rule.protocol() == protocol)
                    && (each.everyPort || port >= rule.firstPort() && port <= rule.lastPort())
                    && (destinationHigh & each.destinationHighMask) == each.destinationHigh
                    && (destinationLow & each.destinationLowMask) == each.destinationLow
                    && (sourceHigh & each.sourceHighMask) == each.sourceHigh
                    && (sourceLow & each.sourceLowMask) == each.sourceLow
                    && (each.interfaces == -1 || (each.interfaces & interfaceBit) != 0);
            if (matches) {
                mark = mark & ~rule.clear() ^ rule.flip();
            }
        }
        return mark;
    }
}
