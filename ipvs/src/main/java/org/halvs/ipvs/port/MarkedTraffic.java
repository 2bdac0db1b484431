package org.halvs.ipvs.port;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.PacketBuffer;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.ipvs.mark.MarkTable;
import org.halvs.linux.IpAddress;
import org.halvs.linux.StackGuard;

/**
 * What follows from mark rules on one network with one set of services: who is marked, and what the local stack must not see because of it.
 * Immutable.
 *
 * <p>The guard knows addresses and ports only. So it is told of every address of this machine a rule covers, whoever sends and on whatever
 * interface; of those packets, the ones that turn out to be nobody's have to be given to the stack: {@link #strayed}.
 */
final class MarkedTraffic {
    static final MarkedTraffic NONE =
            new MarkedTraffic(MarkTable.EMPTY, MarkTable.EMPTY, MarkTable.EMPTY, new long[0], List.of(), List.of());

    private static final long ALL = 0xffffffffL;
    private static final int HIGHEST_INTERFACE = 63;

    private final MarkTable marks;
    private final MarkTable withheld;
    /** AH and ESP withheld because they may follow a key exchange that is marked. */
    private final MarkTable ipsec;

    private final long[] serviceMarks;
    private final List<StackGuard.Served> served;
    private final List<MarkRule.Network> networks;

    private MarkedTraffic(
            MarkTable marks,
            MarkTable withheld,
            MarkTable ipsec,
            long[] serviceMarks,
            List<StackGuard.Served> served,
            List<MarkRule.Network> networks) {
        this.networks = List.copyOf(networks);
        this.marks = marks;
        this.withheld = withheld;
        this.ipsec = ipsec;
        this.serviceMarks = serviceMarks;
        this.served = List.copyOf(served);
    }

    /**
     * @param services those of them that go by a mark decide which rules matter to the guard
     * @param view the interfaces rules name, and the addresses of this machine
     */
    static MarkedTraffic of(List<MarkRule> rules, List<ServiceKey.FirewallMark> services, NetworkView view) {
        if (rules.isEmpty()) {
            return NONE;
        }
        Set<StackGuard.Served> served = new LinkedHashSet<>();
        Set<StackGuard.Served> ipsec = new LinkedHashSet<>();
        List<MarkRule> withheld = new ArrayList<>();
        for (MarkRule rule : rules) {
            if (leadsToService(rule, services)) {
                for (MarkRule narrow : ownAddresses(rule, view)) {
                    withheld.add(narrow);
                    IpAddress address = narrow.destination().address();
                    protocols(rule).forEach(protocol -> {
                        served.add(
                                new StackGuard.Served(protocol.number(), address, rule.firstPort(), rule.lastPort()));
                        IpsecTraffic.served(protocol.number(), address, rule.firstPort(), rule.lastPort())
                                .forEach(ipsec::add);
                    });
                }
            }
        }
        served.addAll(ipsec);
        return new MarkedTraffic(
                new MarkTable(rules, name -> interfaces(name, view)),
                new MarkTable(withheld, _ -> 0),
                new MarkTable(ipsec.stream().map(MarkedTraffic::rule).toList(), _ -> 0),
                services.stream().mapToLong(ServiceKey.FirewallMark::mark).toArray(),
                List.copyOf(served),
                rules.stream()
                        .filter(rule -> leadsToService(rule, services))
                        .map(MarkRule::destination)
                        .distinct()
                        .toList());
    }

    /** A rule for the packets the guard withholds so; the mark it gives is 1. */
    private static MarkRule rule(StackGuard.Served served) {
        MarkRule.Network destination =
                new MarkRule.Network(served.address(), served.address().family().bits());
        return MarkRule.of(served.protocol(), destination, served.firstPort(), served.lastPort(), 1);
    }

    /** Whether packets of the rule can end with the mark of a service; a rule that changes single bits can with the help of others. */
    private static boolean leadsToService(MarkRule rule, List<ServiceKey.FirewallMark> services) {
        return services.stream()
                .anyMatch(service ->
                        service.family() == rule.destination().address().family()
                                && (rule.clear() != ALL || rule.flip() == service.mark()));
    }

    /** The rule for each address of this machine it covers, from everywhere; the mark it gives is 1. */
    private static List<MarkRule> ownAddresses(MarkRule rule, NetworkView view) {
        MarkRule.Network network = rule.destination();
        IpAddress.Family family = network.address().family();
        Set<IpAddress> own = new LinkedHashSet<>();
        if (network.prefixLength() == family.bits()) {
            own.add(network.address()); // also before it is taken over
        }
        view.interfaces().stream()
                .flatMap(each -> each.addresses().stream())
                .map(NetworkView.InterfaceAddress::address)
                .filter(address -> address.family() == family && network.contains(address))
                .forEach(own::add);
        return own.stream()
                .map(address -> new MarkRule(
                        rule.protocol(),
                        new MarkRule.Network(address, family.bits()),
                        MarkRule.Network.all(family),
                        rule.firstPort(),
                        rule.lastPort(),
                        Optional.empty(),
                        ALL,
                        1))
                .toList();
    }

    /** The protocols of virtual services a rule is about; the stack answers others as it likes. */
    private static List<Protocol> protocols(MarkRule rule) {
        List<Protocol> protocols = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            if (rule.protocol() == 0 || rule.protocol() == protocol.number()) {
                protocols.add(protocol);
            }
        }
        return protocols;
    }

    private static long interfaces(String name, NetworkView view) {
        boolean prefix = name.endsWith("+");
        String start = prefix ? name.substring(0, name.length() - 1) : name;
        return view.interfaces().stream()
                .filter(each ->
                        prefix ? each.name().startsWith(start) : each.name().equals(name))
                .filter(each -> each.index() <= HIGHEST_INTERFACE)
                .mapToLong(each -> 1L << each.index())
                .reduce(0, (all, each) -> all | each);
    }

    boolean isEmpty() {
        return marks.isEmpty();
    }

    /** The mark of a packet, 0 for none. */
    long mark(PacketBuffer packet) {
        return marks.mark(packet.segment(), packet.offset(), packet.length(), packet.interfaceIndex());
    }

    /** Where the packets go that get a mark of a service. */
    List<MarkRule.Network> networks() {
        return networks;
    }

    /** What the guard has to keep from the stack. */
    List<StackGuard.Served> served() {
        return served;
    }

    /**
     * Whether a packet is kept from the stack although no service claims it.
     *
     * <p>AH and ESP belong to a service by its connection alone, so they are the stack's when they belong to none, whatever their mark.
     */
    boolean strayed(MemorySegment segment, long offset, int length, long mark) {
        if (withheld.isEmpty()) {
            return false;
        }
        if (ipsec.mark(segment, offset, length, 0) != 0) {
            return true;
        }
        for (long claimed : serviceMarks) {
            if (claimed == mark) {
                return false;
            }
        }
        return withheld.mark(segment, offset, length, 0) != 0;
    }
}
