package org.halvs.linux;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@link Rtnetlink} of a host that exists in memory only. Adding an address to an interface that is there makes the
 * local and the prefix route a kernel makes; routes by a gateway are added by {@link #addRoute}. Thread-safe.
 */
public final class MemoryRtnetlink implements Rtnetlink {
    private final Map<Integer, Link> links = new LinkedHashMap<>();
    private final List<InterfaceAddress> addresses = new ArrayList<>();
    private final List<Route> configuredRoutes = new ArrayList<>();
    private final List<RoutingRule> rules = new ArrayList<>();
    private final List<Neighbour> neighbours = new ArrayList<>();
    private final List<IpAddress> resolved = new ArrayList<>();

    /**
     * An interface that is up and has a carrier; the loopback where {@code name} is {@code lo}. Replaces one of the
     * same index.
     */
    public synchronized void addLink(int index, String name, MacAddress mac) {
        boolean loopback = name.equals("lo");
        putLink(new Link(
                index,
                name,
                Optional.of(mac),
                loopback ? 65536 : 1500,
                true,
                true,
                loopback,
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                loopback ? Link.LOOPBACK : Link.ETHERNET));
    }

    public synchronized void putLink(Link link) {
        links.put(link.index(), link);
    }

    public synchronized void addRoute(Route route) {
        configuredRoutes.add(route);
    }

    public synchronized void addNeighbour(Neighbour neighbour) {
        neighbours.add(neighbour);
    }

    /** What {@link #resolve} was asked for, in order. */
    public synchronized List<IpAddress> resolved() {
        return List.copyOf(resolved);
    }

    @Override
    public synchronized List<Link> links() {
        return links.values().stream()
                .sorted(Comparator.comparingInt(Link::index))
                .toList();
    }

    @Override
    public synchronized List<InterfaceAddress> addresses() {
        return List.copyOf(addresses);
    }

    @Override
    public synchronized List<Route> routesOfAllTables() {
        return ownAndConfigured();
    }

    @Override
    public synchronized List<RoutingRule> rules() {
        return List.copyOf(rules);
    }

    public synchronized void addRule(RoutingRule rule) {
        rules.add(rule);
    }

    @Override
    public synchronized List<Route> routes() {
        return ownAndConfigured().stream()
                .filter(route -> route.table() == Route.MAIN || route.table() == Route.LOCAL)
                .toList();
    }

    private List<Route> ownAndConfigured() {
        List<Route> routes = new ArrayList<>(configuredRoutes);
        for (InterfaceAddress own : addresses) {
            int bits = own.address().family().bits();
            routes.add(ownRoute(own, bits, Route.LOCAL, Route.Type.LOCAL));
            if (own.prefixLength() < bits && !own.has(InterfaceAddress.NO_PREFIX_ROUTE)) {
                routes.add(ownRoute(own, own.prefixLength(), Route.MAIN, Route.Type.UNICAST));
            }
        }
        return List.copyOf(routes);
    }

    private static Route ownRoute(InterfaceAddress own, int prefixLength, int table, Route.Type type) {
        return new Route(
                own.address().masked(prefixLength),
                prefixLength,
                OptionalInt.of(own.linkIndex()),
                Optional.empty(),
                Optional.of(own.address()),
                0,
                0,
                table,
                type,
                type == Route.Type.LOCAL ? InterfaceAddress.Scope.HOST : InterfaceAddress.Scope.LINK);
    }

    @Override
    public synchronized List<Neighbour> neighbours() {
        return List.copyOf(neighbours);
    }

    @Override
    public synchronized Optional<RouteLookup> route(IpAddress destination) {
        return routes().stream()
                .filter(route -> route.destination().inSamePrefix(destination, route.prefixLength()))
                .filter(route -> route.linkIndex().isPresent())
                .max(Comparator.comparingInt(Route::table)
                        .thenComparingInt(Route::prefixLength)
                        .thenComparing(Route::metric, Comparator.reverseOrder()))
                .map(route -> new RouteLookup(
                        route.linkIndex().getAsInt(),
                        route.gateway(),
                        route.preferredSource(),
                        OptionalInt.empty(),
                        route.type() == Route.Type.LOCAL));
    }

    @Override
    public synchronized List<AddressOutcome> apply(List<AddressChange> changes) {
        List<AddressOutcome> outcomes = new ArrayList<>(changes.size());
        for (AddressChange change : changes) {
            outcomes.add(apply(change));
        }
        return outcomes;
    }

    private AddressOutcome apply(AddressChange change) {
        InterfaceAddress wanted = change.address();
        Optional<InterfaceAddress> present = addresses.stream()
                .filter(own -> own.linkIndex() == wanted.linkIndex()
                        && own.address().equals(wanted.address())
                        && own.prefixLength() == wanted.prefixLength())
                .findFirst();
        return switch (change) {
            case AddressChange.Add _
            when !links.containsKey(wanted.linkIndex()) ->
                new AddressOutcome.Rejected(
                        change, new LinuxException("RTM_NEWADDR", Errno.ENODEV, "interface " + wanted.linkIndex()));
            case AddressChange.Add _ -> {
                if (present.isPresent()) {
                    yield new AddressOutcome.AlreadySo(change);
                }
                addresses.add(wanted);
                yield new AddressOutcome.Changed(change);
            }
            case AddressChange.Remove _ -> {
                present.ifPresent(addresses::remove);
                yield present.isPresent() ? new AddressOutcome.Changed(change) : new AddressOutcome.AlreadySo(change);
            }
        };
    }

    @Override
    public synchronized void resolve(int linkIndex, IpAddress address) {
        resolved.add(address);
    }

    @Override
    public synchronized void learn(int linkIndex, IpAddress address, MacAddress mac) {
        neighbours.removeIf(
                known -> known.linkIndex() == linkIndex && known.address().equals(address));
        neighbours.add(new Neighbour(linkIndex, address, Optional.of(mac), Neighbour.State.STALE));
    }

    @Override
    public synchronized void setLinkUp(int linkIndex) {
        Link link = links.get(linkIndex);
        if (link == null) {
            throw new LinuxException("RTM_NEWLINK", Errno.ENODEV, "interface " + linkIndex);
        }
        links.put(
                linkIndex,
                new Link(
                        link.index(),
                        link.name(),
                        link.mac(),
                        link.mtuBytes(),
                        true,
                        link.carrier(),
                        link.loopback(),
                        link.masterIndex(),
                        link.parentIndex(),
                        link.kind(),
                        link.hardwareType()));
    }

    @Override
    public synchronized void preferSource(Route route, Optional<IpAddress> source) {
        int at = configuredRoutes.indexOf(route);
        if (at < 0) {
            throw new LinuxException("RTM_NEWROUTE", Errno.ESRCH, "the route to " + route.destination());
        }
        configuredRoutes.set(
                at,
                new Route(
                        route.destination(),
                        route.prefixLength(),
                        route.linkIndex(),
                        route.gateway(),
                        source,
                        route.metric(),
                        route.mtuBytes(),
                        route.table(),
                        route.type(),
                        route.scope()));
    }

    @Override
    public void close() {}
}
