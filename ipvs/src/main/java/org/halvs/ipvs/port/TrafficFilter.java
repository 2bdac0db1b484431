package org.halvs.ipvs.port;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.halvs.ipvs.forward.WithheldTraffic;
import org.halvs.linux.BpfFilter;
import org.halvs.linux.IpAddress;

/**
 * Which packets can concern a processor at all: those to a virtual address, those from a masqueraded real server, and ICMP, whose errors may be
 * about either. Whatever else passes through the director is then not even copied. Immutable.
 */
public final class TrafficFilter {
    /** Every IP packet. */
    public static final TrafficFilter EVERYTHING = new TrafficFilter(true, List.of(), List.of());

    /** No packet: a director that serves nothing, such as one that stands by. */
    public static final TrafficFilter NOTHING = new TrafficFilter(false, List.of(), List.of());

    /** An IPv6 address takes 16 instructions; more addresses than this would not fit in a filter, so it then lets everything pass. */
    private static final int MOST_ADDRESSES = 200;

    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int ETHERNET_BYTES = 14;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int PACKET_HOST = 0;

    private final boolean everything;
    private final SequencedSet<IpAddress> destinations;
    private final SequencedSet<IpAddress> sources;

    private TrafficFilter(boolean everything, List<IpAddress> destinations, List<IpAddress> sources) {
        this.everything = everything;
        this.destinations = new LinkedHashSet<>(destinations);
        this.sources = new LinkedHashSet<>(sources);
    }

    /** The filter for what a processor withholds from the local stack; everything where firewall marks decide, or addresses are too many. */
    public static TrafficFilter of(WithheldTraffic traffic) {
        List<IpAddress> virtual = traffic.served().stream()
                .map(WithheldTraffic.Served::address)
                .distinct()
                .toList();
        List<IpAddress> real = traffic.masqueraded().stream()
                .map(WithheldTraffic.Masqueraded::address)
                .distinct()
                .toList();
        return !traffic.marks().isEmpty() || virtual.size() + real.size() > MOST_ADDRESSES
                ? EVERYTHING
                : new TrafficFilter(false, virtual, real);
    }

    /**
     * The program for a packet socket: frames for this machine of more than {@code above} and at most {@code upTo} bytes. A frame whose VLAN tag
     * was taken off belongs to the VLAN's own interface, which has a port of its own; this interface sees it first.
     */
    BpfFilter program(int above, int upTo) {
        BpfFilter.Builder filter = BpfFilter.builder()
                .loadAncillary(BpfFilter.Ancillary.PACKET_TYPE)
                .rejectUnlessEqual(PACKET_HOST)
                .loadAncillary(BpfFilter.Ancillary.VLAN_TAG_PRESENT)
                .rejectUnlessEqual(0)
                .loadLength()
                .rejectIfGreater(upTo);
        if (above > 0) {
            filter.rejectUnlessGreater(above);
        }
        return filter.loadAncillary(BpfFilter.Ancillary.PROTOCOL)
                .ifEqual(ETH_P_IP, everything ? BpfFilter.builder().accept() : ipv4())
                .ifEqual(ETH_P_IPV6, everything ? BpfFilter.builder().accept() : ipv6())
                .reject()
                .build();
    }

    private BpfFilter.Builder ipv4() {
        BpfFilter.Builder filter = BpfFilter.builder();
        if (destinations.isEmpty() && sources.isEmpty()) {
            return filter.reject();
        }
        filter.loadByte(ETHERNET_BYTES + 9).acceptIfEqual(ICMP).loadWord(ETHERNET_BYTES + 16);
        destinations.stream().filter(IpAddress::isIpv4).forEach(address -> filter.acceptIfEqual(address.ipv4()));
        filter.loadWord(ETHERNET_BYTES + 12);
        sources.stream().filter(IpAddress::isIpv4).forEach(address -> filter.acceptIfEqual(address.ipv4()));
        return filter.reject();
    }

    private BpfFilter.Builder ipv6() {
        BpfFilter.Builder filter = BpfFilter.builder();
        if (destinations.isEmpty() && sources.isEmpty()) {
            return filter.reject();
        }
        filter.loadByte(ETHERNET_BYTES + 6).acceptIfEqual(ICMPV6);
        destinations.stream()
                .filter(address -> !address.isIpv4())
                .forEach(address -> acceptIfIpv6(filter, ETHERNET_BYTES + 24, address));
        sources.stream()
                .filter(address -> !address.isIpv4())
                .forEach(address -> acceptIfIpv6(filter, ETHERNET_BYTES + 8, address));
        return filter.reject();
    }

    private static void acceptIfIpv6(BpfFilter.Builder filter, int offset, IpAddress address) {
        BpfFilter.Builder whole = BpfFilter.builder().loadWord(offset + 12).acceptIfEqual((int) address.low());
        BpfFilter.Builder last2 = BpfFilter.builder().loadWord(offset + 8).ifEqual((int) (address.low() >>> 32), whole);
        BpfFilter.Builder last3 = BpfFilter.builder().loadWord(offset + 4).ifEqual((int) address.high(), last2);
        filter.loadWord(offset).ifEqual((int) (address.high() >>> 32), last3);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrafficFilter filter
                && everything == filter.everything
                && destinations.equals(filter.destinations)
                && sources.equals(filter.sources);
    }

    @Override
    public int hashCode() {
        return destinations.hashCode() * 31 + sources.hashCode() + (everything ? 1 : 0);
    }
}
