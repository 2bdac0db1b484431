package org.halvs.ipvs.plane;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.MacAddress;
import org.halvs.linux.Neighbour;
import org.halvs.linux.NetworkChange;
import org.halvs.linux.NftStackRedirect;
import org.halvs.linux.Route;
import org.halvs.linux.RoutingRule;
import org.halvs.linux.Rtnetlink;

/**
 * Keeps what the kernel says of its network, and makes the processor's view of it. Reads only the tables that changed. Confined to one thread.
 *
 * <p>Routes of the tables main and local count; policy routing is not looked at.
 */
final class NetworkReader {
    /** An address in use by a neighbour, whatever state its entry is in. */
    private record Known(int linkIndex, IpAddress address, MacAddress mac) {}

    private record State(
            List<Link> links,
            List<InterfaceAddress> addresses,
            List<Route> routes,
            List<RoutingRule> rules,
            List<Known> neighbours,
            boolean forwardsIpv4,
            boolean forwardsIpv6) {}

    private final Rtnetlink rtnetlink;
    private final Forwarding forwarding;
    private State state = new State(List.of(), List.of(), List.of(), List.of(), List.of(), false, false);

    /** Whether the kernel routes packets of others. */
    interface Forwarding {
        boolean isOn(IpAddress.Family family);
    }

    NetworkReader(Rtnetlink rtnetlink, Forwarding forwarding) {
        this.rtnetlink = rtnetlink;
        this.forwarding = forwarding;
    }

    /** Reads tables again. Answers whether anything differs that a view shows. */
    boolean read(Set<NetworkChange.Kind> kinds) {
        State read = new State(
                kinds.contains(NetworkChange.Kind.LINKS) ? rtnetlink.links() : state.links,
                kinds.contains(NetworkChange.Kind.ADDRESSES) ? rtnetlink.addresses() : state.addresses,
                kinds.contains(NetworkChange.Kind.ROUTES) ? rtnetlink.routesOfAllTables() : state.routes,
                kinds.contains(NetworkChange.Kind.ROUTES) ? rtnetlink.rules() : state.rules,
                kinds.contains(NetworkChange.Kind.NEIGHBOURS) ? neighbours() : state.neighbours,
                kinds.contains(NetworkChange.Kind.FORWARDING)
                        ? forwarding.isOn(IpAddress.Family.IPV4)
                        : state.forwardsIpv4,
                kinds.contains(NetworkChange.Kind.FORWARDING)
                        ? forwarding.isOn(IpAddress.Family.IPV6)
                        : state.forwardsIpv6);
        boolean changed = !read.equals(state);
        state = read;
        return changed;
    }

    private List<Known> neighbours() {
        return rtnetlink.neighbours().stream()
                .filter(Neighbour::usable)
                .flatMap(one -> one.mac().stream().map(mac -> new Known(one.linkIndex(), one.address(), mac)))
                .sorted(Comparator.comparingInt(Known::linkIndex).thenComparing(Known::address))
                .distinct()
                .toList();
    }

    /** The interfaces traffic is forwarded on: Ethernet, up, with an address of their own, and no port of a bridge or bond. */
    List<Link> usableLinks() {
        return state.links.stream().filter(NetworkReader::isUsable).toList();
    }

    private static boolean isUsable(Link link) {
        return link.up()
                && !link.loopback()
                && link.hardwareType() == Link.ETHERNET
                && link.masterIndex().isEmpty()
                && link.mac().isPresent();
    }

    NetworkView view() {
        NetworkView.Builder view = NetworkView.builder()
                .forwards(IpAddress.Family.IPV4, state.forwardsIpv4)
                .forwards(IpAddress.Family.IPV6, state.forwardsIpv6);
        List<Link> usable = usableLinks();
        for (Link link : usable) {
            view.add(new NetworkView.Interface(
                    link.index(), link.name(), link.mac().orElseThrow(), link.mtuBytes(), addressesOf(link)));
        }
        for (InterfaceAddress address : state.addresses) {
            view.addLocal(address.address());
        }
        for (Route route : state.routes) {
            switch (route.type()) {
                case LOCAL -> view.addLocal(route.destination(), route.prefixLength());
                case UNICAST -> {
                    if (leadsBy(route, usable)) {
                        add(view, route, viewed(route));
                    }
                }
                case UNREACHABLE -> add(view, route, refusing(route, NetworkView.Route.Kind.UNREACHABLE));
                case PROHIBIT -> add(view, route, refusing(route, NetworkView.Route.Kind.PROHIBIT));
                case BLACKHOLE -> add(view, route, refusing(route, NetworkView.Route.Kind.BLACKHOLE));
                case BROADCAST, ANYCAST, MULTICAST, OTHER -> {
                    // no way of a packet for one host
                }
            }
        }
        for (IpAddress.Family family : IpAddress.Family.values()) {
            addRules(view, family);
        }
        for (Known one : state.neighbours) {
            view.addNeighbour(one.linkIndex, one.address, one.mac);
        }
        return view.build();
    }

    private static void add(NetworkView.Builder view, Route route, NetworkView.Route viewed) {
        if (route.table() == Route.MAIN || route.table() == Route.LOCAL) {
            view.add(viewed);
        } else {
            view.add(route.table(), viewed);
        }
    }

    /**
     * Adds the rules of a family, unless they are those every machine has. What rules ask for that a packet does not show here (users, ports, TOS)
     * is taken for not holding.
     */
    private void addRules(NetworkView.Builder view, IpAddress.Family family) {
        // the rule for answers of loopback addresses is our own, and about no packet that comes by here
        List<RoutingRule> rules = state.rules.stream()
                .filter(rule -> rule.family() == family && rule.table() != NftStackRedirect.ROUTING_TABLE)
                .toList();
        boolean standard = rules.stream().allMatch(RoutingRule::isStandard)
                && state.routes.stream()
                        .noneMatch(route -> route.table() == Route.DEFAULT
                                && route.destination().family() == family);
        if (standard) {
            return;
        }
        // what is local is found out otherwise, by the local routes of all tables
        rules.stream()
                .filter(rule -> !rule.partial() && rule.table() != Route.LOCAL)
                .forEach(rule -> view.add(viewed(rule)));
    }

    private NetworkView.PolicyRule viewed(RoutingRule rule) {
        IpAddress any = rule.family() == IpAddress.Family.IPV4 ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6;
        RoutingRule.Prefix all = new RoutingRule.Prefix(any, 0);
        RoutingRule.Prefix source = rule.source().orElse(all);
        RoutingRule.Prefix destination = rule.destination().orElse(all);
        return new NetworkView.PolicyRule(
                rule.family(),
                rule.priority(),
                source.address(),
                source.length(),
                destination.address(),
                destination.length(),
                rule.mark(),
                rule.markMask(),
                rule.inputInterface().map(this::indexOf).orElse(0),
                NetworkView.PolicyRule.Action.valueOf(rule.action().name()),
                rule.table(),
                rule.target(),
                rule.shortestPrefix(),
                rule.inverted());
    }

    /** -1, which no packet comes in by, where there is no such interface. */
    private int indexOf(String name) {
        return state.links.stream()
                .filter(link -> link.name().equals(name))
                .mapToInt(Link::index)
                .findFirst()
                .orElse(-1);
    }

    private List<NetworkView.InterfaceAddress> addressesOf(Link link) {
        return state.addresses.stream()
                .filter(address -> address.linkIndex() == link.index())
                .map(address -> new NetworkView.InterfaceAddress(address.address(), address.prefixLength()))
                .toList();
    }

    private static boolean leadsBy(Route route, List<Link> usable) {
        return route.linkIndex().isPresent()
                && usable.stream()
                        .anyMatch(link -> link.index() == route.linkIndex().getAsInt());
    }

    private static NetworkView.Route viewed(Route route) {
        return new NetworkView.Route(
                route.destination(),
                route.prefixLength(),
                route.linkIndex().orElseThrow(),
                route.gateway(),
                route.preferredSource(),
                route.mtuBytes(),
                metric(route));
    }

    private static NetworkView.Route refusing(Route route, NetworkView.Route.Kind kind) {
        return NetworkView.Route.refusing(route.destination(), route.prefixLength(), metric(route), kind);
    }

    private static int metric(Route route) {
        return (int) Math.min(route.metric(), Integer.MAX_VALUE - 1);
    }

    /** The neighbour a packet to {@code destination} is sent to next, as the view routes it; empty when there is no way or it is local. */
    static Optional<NextHop> nextHop(NetworkView view, IpAddress destination) {
        NetworkView.Route route = view.route(destination);
        return !route.isReachable() || view.isLocal(destination)
                ? Optional.empty()
                : Optional.of(
                        new NextHop(route.interfaceIndex(), route.gateway().orElse(destination)));
    }

    /** A neighbour on an interface. */
    record NextHop(int interfaceIndex, IpAddress address) {}
}
