package org.halvs.ipvs.port;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import org.halvs.ipvs.forward.WithheldTraffic;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.linux.BpfFilter;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/**
 * Which packets can concern a processor at all: those to a virtual address, those to a network whose packets get a firewall mark of a service, those
 * from a masqueraded real server, and ICMP, whose errors may be about any of them. Whatever else passes through the director is then not even copied. Immutable.
 */
public final class TrafficFilter {
    /** Every IP packet. */
    public static final TrafficFilter EVERYTHING = new TrafficFilter(true, Set.of(), List.of(), Set.of());

    /** No packet: a director that serves nothing, such as one that stands by. */
    public static final TrafficFilter NOTHING = new TrafficFilter(false, Set.of(), List.of(), Set.of());

    /** An IPv6 address takes 16 instructions; more addresses than this would not fit in a filter, so it then lets everything pass. */
    private static final int MOST_ADDRESSES = 200;

    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int ETHERNET_BYTES = 14;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int PACKET_HOST = 0;
    private static final int PACKET_OTHERHOST = 3;

    private final boolean everything;
    /** Whole addresses before wider networks, so that the former share one look at the packet. */
    private final SequencedSet<MarkRule.Network> destinations;

    private final SequencedSet<IpAddress> sources;
    private final SequencedSet<MacAddress> adopted;

    private TrafficFilter(
            boolean everything,
            Set<MarkRule.Network> destinations,
            Collection<IpAddress> sources,
            Set<MacAddress> adopted) {
        this.everything = everything;
        this.destinations = new LinkedHashSet<>(destinations);
        this.sources = new LinkedHashSet<>(sources);
        this.adopted = new LinkedHashSet<>(adopted);
    }

    /**
     * The filter for what a processor handles; everything where the addresses are too many.
     *
     * @param marked the networks whose packets get firewall marks of services
     */
    public static TrafficFilter of(WithheldTraffic traffic, List<MarkRule.Network> marked) {
        Set<MarkRule.Network> destinations = new LinkedHashSet<>();
        traffic.served().stream()
                .map(WithheldTraffic.Served::address)
                .forEach(address -> destinations.add(
                        new MarkRule.Network(address, address.family().bits())));
        marked.stream()
                .sorted(Comparator.comparingInt(MarkRule.Network::prefixLength).reversed())
                .map(network ->
                        new MarkRule.Network(network.address().masked(network.prefixLength()), network.prefixLength()))
                .forEach(destinations::add);
        List<IpAddress> real = traffic.masqueraded().stream()
                .map(WithheldTraffic.Masqueraded::address)
                .distinct()
                .toList();
        boolean anywhere = marked.stream().anyMatch(network -> network.prefixLength() == 0);
        return anywhere || destinations.size() + real.size() > MOST_ADDRESSES
                ? EVERYTHING
                : new TrafficFilter(false, destinations, real, Set.of());
    }

    /** The same, also for frames to the MACs of machines in whose place this one serves. */
    TrafficFilter alsoTo(Set<MacAddress> macs) {
        return new TrafficFilter(everything, destinations, sources, macs);
    }

    /**
     * The program for a packet socket: frames for this machine of more than {@code above} and at most {@code upTo} bytes. A frame whose VLAN tag
     * was taken off belongs to the VLAN's own interface, which has a port of its own; this interface sees it first.
     */
    BpfFilter program(int above, int upTo) {
        BpfFilter.Builder filter = BpfFilter.builder().loadAncillary(BpfFilter.Ancillary.PACKET_TYPE);
        if (adopted.isEmpty()) {
            filter.rejectUnlessEqual(PACKET_HOST);
        } else {
            filter.ifEqual(
                            PACKET_OTHERHOST,
                            BpfFilter.builder().rejectUnlessMac(0, adopted).loadConstant(PACKET_HOST))
                    .rejectUnlessEqual(PACKET_HOST);
        }
        filter.loadAncillary(BpfFilter.Ancillary.VLAN_TAG_PRESENT)
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
        destinations.stream()
                .filter(network -> network.address().isIpv4() && network.prefixLength() == 32)
                .forEach(network -> filter.acceptIfEqual(network.address().ipv4()));
        destinations.stream()
                .filter(network -> network.address().isIpv4() && network.prefixLength() < 32)
                .forEach(network -> filter.loadWord(ETHERNET_BYTES + 16)
                        .and(-1 << (32 - network.prefixLength()))
                        .acceptIfEqual(network.address().ipv4()));
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
                .filter(network -> !network.address().isIpv4())
                .forEach(network -> acceptIfIpv6(filter, ETHERNET_BYTES + 24, network));
        sources.stream()
                .filter(address -> !address.isIpv4())
                .forEach(address -> acceptIfIpv6(filter, ETHERNET_BYTES + 8, new MarkRule.Network(address, 128)));
        return filter.reject();
    }

    private static void acceptIfIpv6(BpfFilter.Builder filter, int offset, MarkRule.Network network) {
        int lastWord = (network.prefixLength() - 1) / 32;
        BpfFilter.Builder rest = BpfFilter.builder().accept();
        for (int word = lastWord; word >= 0; word--) {
            BpfFilter.Builder test = word == 0 ? filter : BpfFilter.builder();
            test.loadWord(offset + 4 * word);
            int bits = network.prefixLength() - 32 * word;
            if (bits < 32) {
                test.and(-1 << (32 - bits));
            }
            test.ifEqual(word(network.address(), word), rest);
            rest = test;
        }
    }

    private static int word(IpAddress address, int number) {
        long half = number < 2 ? address.high() : address.low();
        return (int) (number % 2 == 0 ? half >>> 32 : half);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrafficFilter filter
                && everything == filter.everything
                && destinations.equals(filter.destinations)
                && sources.equals(filter.sources)
                && adopted.equals(filter.adopted);
    }

    @Override
    public int hashCode() {
        return (destinations.hashCode() * 31 + sources.hashCode()) * 31 + adopted.hashCode() + (everything ? 1 : 0);
    }
}
