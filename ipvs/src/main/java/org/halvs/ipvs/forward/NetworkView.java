package org.halvs.ipvs.forward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * The director's network at one moment: interfaces, addresses, routes, neighbours. Immutable; a change makes a new one.
 *
 * <p>Look-ups take addresses as two words, as {@link IpAddress} holds them, so that asking about a packet's address costs no allocation.
 */
public final class NetworkView {

    /** A network without interfaces, in which nothing can be sent. */
    public static final NetworkView EMPTY = new Builder().build();

    /** Interfaces of higher numbers are found at some cost. */
    private static final int MOST_INDEXED = 1 << 16;

    /** Answered for an Ethernet address nobody knows. */
    public static final long NO_MAC = -1;

    /**
     * @param index the kernel's number
     * @param mtu the largest IP packet it sends, in bytes
     * @param addresses in the order in which the kernel lists them
     */
    public record Interface(int index, String name, MacAddress mac, int mtu, List<InterfaceAddress> addresses) {
        public Interface {
            addresses = List.copyOf(addresses);
        }
    }

    /** An address of an interface with the length of its network's prefix. */
    public record InterfaceAddress(IpAddress address, int prefixLength) {}

    /**
     * A way to a network.
     *
     * @param destination the network; bits behind the prefix are ignored
     * @param gateway empty when the destinations are neighbours themselves
     * @param preferredSource the source address of packets the director makes; empty for the interface's first address that fits
     * @param mtu 0 for the interface's
     * @param metric the lower one of two routes to one network is used
     * @param kind whether packets are sent by it or refused
     */
    public record Route(
            IpAddress destination,
            int prefixLength,
            int interfaceIndex,
            Optional<IpAddress> gateway,
            Optional<IpAddress> preferredSource,
            int mtu,
            int metric,
            Kind kind) {
        /** What becomes of a packet that takes a route, in the words of {@code ip-route(8)}. */
        public enum Kind {
            UNICAST,
            UNREACHABLE,
            PROHIBIT,
            BLACKHOLE
        }

        /** The answer when there is no way. */
        public static final Route NONE =
                new Route(IpAddress.ANY_IPV4, 0, 0, Optional.empty(), Optional.empty(), 0, Integer.MAX_VALUE);

        /** A route packets are sent by. */
        public Route(
                IpAddress destination,
                int prefixLength,
                int interfaceIndex,
                Optional<IpAddress> gateway,
                Optional<IpAddress> preferredSource,
                int mtu,
                int metric) {
            this(destination, prefixLength, interfaceIndex, gateway, preferredSource, mtu, metric, Kind.UNICAST);
        }

        /** A route that refuses packets. */
        public static Route refusing(IpAddress destination, int prefixLength, int metric, Kind kind) {
            return new Route(destination, prefixLength, 0, Optional.empty(), Optional.empty(), 0, metric, kind);
        }

        public boolean isReachable() {
            return interfaceIndex > 0;
        }
    }

    /**
     * A rule of policy routing.
     *
     * @param source bits behind the prefix are ignored, as in {@code destination}
     * @param inputInterface 0 for any; {@link PolicyRouting#OWN} for packets of the director's own
     * @param shortestPrefix routes with a prefix of at most this length do not count; -1 for none
     */
    public record PolicyRule(
            IpAddress.Family family,
            long priority,
            IpAddress source,
            int sourceLength,
            IpAddress destination,
            int destinationLength,
            long mark,
            long markMask,
            int inputInterface,
            Action action,
            int table,
            long target,
            int shortestPrefix,
            boolean inverted) {
        /** What a rule does with packets. */
        public enum Action {
            TABLE,
            GOTO,
            NOTHING,
            BLACKHOLE,
            UNREACHABLE,
            PROHIBIT
        }

        boolean holds(boolean ipv4, long high, long low, long sourceHigh, long sourceLow, long packetMark, int input) {
            boolean all = isWithin(source, sourceLength, ipv4, sourceHigh, sourceLow)
                    && isWithin(destination, destinationLength, ipv4, high, low)
                    && ((packetMark ^ mark) & markMask) == 0
                    && (inputInterface == 0 || inputInterface == input);
            return all != inverted;
        }

        private static boolean isWithin(IpAddress network, int length, boolean ipv4, long high, long low) {
            if (ipv4) {
                return length == 0 || ((network.low() ^ low) << 32) >>> (64 - length) == 0;
            }
            if (length <= 64) {
                return length == 0 || (network.high() ^ high) >>> (64 - length) == 0;
            }
            return network.high() == high && (network.low() ^ low) >>> (128 - length) == 0;
        }
    }

    private final Map<Integer, Interface> interfaces;
    /** The Ethernet addresses of the interfaces of low numbers, by number, for the data path: {@link #NO_MAC} where there is none. */
    private final long[] macs;
    /** A route with all that sending by it needs; the gateway is null when the destinations are neighbours. */
    record Path(
            Route route,
            int interfaceIndex,
            int mtu,
            long sourceMac,
            @Nullable IpAddress gateway,
            long gatewayMac,
            @Nullable AddressMap<MacAddress> neighbours) {

        /** The Ethernet address of a destination that is a neighbour itself, or {@link #NO_MAC}. */
        long neighbour(boolean ipv4, long high, long low) {
            MacAddress mac = neighbours == null ? null : neighbours.find(ipv4, high, low);
            return mac == null ? NO_MAC : mac.value();
        }
    }

    private final List<AddressMap<Path>> routesIpv4;
    private final List<AddressMap<Path>> routesIpv6;
    /** Null where every packet is routed by the routes above. */
    private final @Nullable PolicyRouting policyIpv4;

    private final @Nullable PolicyRouting policyIpv6;
    /** Local addresses. */
    private final AddressMap<Boolean> localHosts;

    /** Networks all of whose addresses are local, one map a prefix length; nearly always none but the loopback network. */
    private final List<AddressMap<Boolean>> localNetworks;

    /** A bit for the hash of each local address: nearly all others find 0. All are 1 where whole networks are local. */
    private final long[] localBits;

    private final Map<Integer, AddressMap<MacAddress>> neighbours;
    private final boolean forwardsIpv4;
    private final boolean forwardsIpv6;

    private NetworkView(Builder builder) {
        interfaces = new LinkedHashMap<>(builder.interfaces);
        int highest =
                interfaces.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
        macs = new long[Math.clamp(highest + 1, 1, MOST_INDEXED)];
        Arrays.fill(macs, NO_MAC);
        interfaces.forEach((index, each) -> {
            if (index >= 0 && index < macs.length) {
                macs[index] = each.mac().value();
            }
        });
        localNetworks = new ArrayList<>();
        Map<Integer, List<IpAddress>> byLength = new LinkedHashMap<>();
        byLength.put(AddressMap.HOSTS, new ArrayList<>());
        builder.local.stream()
                .filter(each -> !isLoopback(
                        each.network().isIpv4(),
                        each.network().high(),
                        each.network().low()))
                .forEach(each -> byLength.computeIfAbsent(each.mapLength(), _ -> new ArrayList<>())
                        .add(each.network()));
        byLength.forEach((length, networks) -> {
            AddressMap<Boolean> map = new AddressMap<>(length, networks.size());
            networks.forEach(network -> map.put(network, true));
            localNetworks.add(map);
        });
        localHosts = localNetworks.removeFirst();
        List<IpAddress> hosts = byLength.getOrDefault(AddressMap.HOSTS, List.of());
        localBits = new long[Integer.highestOneBit(2 * hosts.size() + 1)];
        hosts.forEach(host -> {
            int hash = localHash(host.high(), host.low());
            localBits[localWord(hash)] |= 1L << hash;
        });
        if (!localNetworks.isEmpty()) {
            Arrays.fill(localBits, -1);
        }
        neighbours = new LinkedHashMap<>();
        builder.neighbours.forEach((index, known) -> {
            AddressMap<MacAddress> map = new AddressMap<>(AddressMap.HOSTS, known.size());
            known.forEach(map::put);
            neighbours.put(index, map);
        });
        routesIpv4 = prefixTables(builder.routes, IpAddress.Family.IPV4);
        routesIpv6 = prefixTables(builder.routes, IpAddress.Family.IPV6);
        policyIpv4 = policy(builder, IpAddress.Family.IPV4, routesIpv4);
        policyIpv6 = policy(builder, IpAddress.Family.IPV6, routesIpv6);
        forwardsIpv4 = builder.forwardsIpv4;
        forwardsIpv6 = builder.forwardsIpv6;
    }

    private @Nullable PolicyRouting policy(
            Builder builder, IpAddress.Family family, List<AddressMap<Path>> mainRoutes) {
        List<PolicyRule> rules =
                builder.rules.stream().filter(rule -> rule.family() == family).toList();
        if (rules.isEmpty()) {
            return null;
        }
        Map<Integer, List<AddressMap<Path>>> tables = new LinkedHashMap<>();
        tables.put(org.halvs.linux.Route.MAIN, mainRoutes);
        builder.tables.forEach((number, routes) -> tables.put(number, prefixTables(routes, family)));
        return new PolicyRouting(rules, tables, family);
    }

    /** One map a prefix length, the longest first. */
    private List<AddressMap<Path>> prefixTables(List<Route> routes, IpAddress.Family family) {
        Map<Integer, List<Route>> byLength = new LinkedHashMap<>();
        routes.stream()
                .filter(route -> route.destination().family() == family)
                .sorted(Comparator.comparingInt(Route::prefixLength)
                        .reversed()
                        .thenComparing(Comparator.comparingInt(Route::metric).reversed()))
                .forEach(route -> byLength.computeIfAbsent(route.prefixLength(), _ -> new ArrayList<>())
                        .add(route));
        List<AddressMap<Path>> tables = new ArrayList<>();
        byLength.forEach((length, sameLength) -> {
            AddressMap<Path> table = new AddressMap<>(length, sameLength.size());
            sameLength.forEach(route -> table.put(route.destination(), path(route)));
            tables.add(table);
        });
        return tables;
    }

    private Path path(Route route) {
        Interface out = interfaces.get(route.interfaceIndex());
        IpAddress gateway = route.gateway().orElse(null);
        return new Path(
                route,
                route.interfaceIndex(),
                mtu(route),
                out == null ? 0 : out.mac().value(),
                gateway,
                gateway == null ? NO_MAC : neighbour(route.interfaceIndex(), gateway),
                neighbours.get(route.interfaceIndex()));
    }

    /** All interfaces in the order in which they were given. */
    public List<Interface> interfaces() {
        return List.copyOf(interfaces.values());
    }

    public Optional<Interface> interfaceAt(int index) {
        return Optional.ofNullable(interfaces.get(index));
    }

    /** The Ethernet address of an interface, or {@link #NO_MAC} when there is none of this number. */
    long mac(int index) {
        if (index >= 0 && index < macs.length) {
            return macs[index];
        }
        Interface found = interfaces.get(index);
        return found == null ? NO_MAC : found.mac().value();
    }

    /** The number of the interface called {@code name}. */
    public OptionalInt interfaceNamed(String name) {
        return interfaces.values().stream()
                .filter(candidate -> candidate.name().equals(name))
                .mapToInt(Interface::index)
                .findFirst();
    }

    /** Whether the address is one of the director's own; all of 127.0.0.0/8 and ::1 are. */
    public boolean isLocal(IpAddress address) {
        return isLocal(address.isIpv4(), address.high(), address.low());
    }

    boolean isLocal(boolean ipv4, long high, long low) {
        // Asked for every packet, of addresses that are hardly ever here.
        int hash = localHash(high, low);
        return (localBits[localWord(hash)] >>> hash & 1) != 0 && isAmongLocal(ipv4, high, low)
                || isLoopback(ipv4, high, low);
    }

    private static int localHash(long high, long low) {
        return (int) ((high * 0x9e3779b97f4a7c15L ^ low) * 0xc2b2ae3d27d4eb4fL >>> 32);
    }

    private int localWord(int hash) {
        return hash >>> 6 & localBits.length - 1;
    }

    private boolean isAmongLocal(boolean ipv4, long high, long low) {
        if (localHosts.contains(ipv4, high, low)) {
            return true;
        }
        for (int i = 0; i < localNetworks.size(); i++) {
            if (localNetworks.get(i).contains(ipv4, high, low)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLoopback(boolean ipv4, long high, long low) {
        return ipv4 ? low >>> 24 == 127 : high == 0 && low == 1;
    }

    /** A network all of whose addresses are local. */
    private record LocalNetwork(IpAddress network, int prefixLength) {
        /** Whole addresses of both families share one map. */
        int mapLength() {
            return prefixLength == network.family().bits() ? AddressMap.HOSTS : prefixLength;
        }
    }

    /** The most specific route to an address, or {@link Route#NONE}. */
    public Route route(IpAddress address) {
        return route(address.isIpv4(), address.high(), address.low());
    }

    private Route route(boolean ipv4, long high, long low) {
        Path path = path(ipv4, high, low);
        return path == null ? Route.NONE : path.route();
    }

    /** The way of a packet of the director's own whose source is not chosen yet, or null. */
    @Nullable
    Path path(boolean ipv4, long high, long low) {
        return path(ipv4, high, low, 0, 0, 0, PolicyRouting.OWN);
    }

    /**
     * The most specific way of a packet, or null.
     *
     * @param sourceHigh 0 with {@code sourceLow} 0 where the source is not chosen yet
     * @param inputInterface where it came in, or {@link PolicyRouting#OWN}
     */
    @Nullable
    Path path(boolean ipv4, long high, long low, long sourceHigh, long sourceLow, long mark, int inputInterface) {
        PolicyRouting policy = ipv4 ? policyIpv4 : policyIpv6;
        return policy == null
                ? PolicyRouting.find(ipv4 ? routesIpv4 : routesIpv6, ipv4, high, low)
                : policy.path(ipv4, high, low, sourceHigh, sourceLow, mark, inputInterface);
    }

    /** The largest IP packet a route carries, in bytes; 0 when its interface is unknown. */
    public int mtu(Route route) {
        Interface out = interfaces.get(route.interfaceIndex());
        return out == null ? 0 : route.mtu() > 0 ? Math.min(route.mtu(), out.mtu()) : out.mtu();
    }

    /** The Ethernet address of a neighbour, or {@link #NO_MAC}. */
    public long neighbour(int interfaceIndex, IpAddress address) {
        AddressMap<MacAddress> known = neighbours.get(interfaceIndex);
        MacAddress mac = known == null ? null : known.find(address.isIpv4(), address.high(), address.low());
        return mac == null ? NO_MAC : mac.value();
    }

    /**
     * The source address of packets the director itself sends by {@code route}: the route's preferred one, else for IPv4 the address of the interface
     * whose network contains the next hop, else the interface's first address; for IPv6 what {@link Ipv6Source} says.
     */
    public Optional<IpAddress> source(Route route, IpAddress destination) {
        if (route.preferredSource().isPresent()) {
            return route.preferredSource();
        }
        Interface out = interfaces.get(route.interfaceIndex());
        if (out == null) {
            return Optional.empty();
        }
        if (!destination.isIpv4()) {
            return Ipv6Source.choose(out.addresses(), destination);
        }
        IpAddress nextHop = route.gateway().orElse(destination);
        Optional<IpAddress> sameNetwork = out.addresses().stream()
                .filter(own -> own.address().inSamePrefix(nextHop, own.prefixLength()))
                .map(InterfaceAddress::address)
                .findFirst();
        return sameNetwork.or(() -> out.addresses().stream()
                .map(InterfaceAddress::address)
                .filter(IpAddress::isIpv4)
                .findFirst());
    }

    /** Whether the machine routes packets that are not for itself ({@code ip_forward}, {@code net.ipv6.conf.all.forwarding}). */
    public boolean forwards(IpAddress.Family family) {
        return family == IpAddress.Family.IPV4 ? forwardsIpv4 : forwardsIpv6;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects what makes a view. */
    public static final class Builder {
        private final Map<Integer, Interface> interfaces = new LinkedHashMap<>();
        private final List<Route> routes = new ArrayList<>();
        private final Map<Integer, List<Route>> tables = new LinkedHashMap<>();
        private final List<PolicyRule> rules = new ArrayList<>();
        private final List<LocalNetwork> local = new ArrayList<>();
        private final Map<Integer, Map<IpAddress, MacAddress>> neighbours = new LinkedHashMap<>();
        private boolean forwardsIpv4;
        private boolean forwardsIpv6;

        /**
         * Adds an interface and its addresses as local ones; those of an interface called {@code lo} make their whole network local, as in the
         * kernel. Routes to its networks are not made; see {@link #connectedRoutes()}.
         */
        public Builder add(Interface added) {
            interfaces.put(added.index(), added);
            for (InterfaceAddress own : added.addresses()) {
                addLocal(own.address());
                if (added.name().equals("lo")) {
                    addLocal(own.address(), own.prefixLength());
                }
            }
            return this;
        }

        /** Adds a route. Of two to one network the one with the lower metric counts, of two equal ones the later. */
        public Builder add(Route route) {
            routes.add(route);
            return this;
        }

        /** Adds a route of another table than the main one. */
        public Builder add(int table, Route route) {
            tables.computeIfAbsent(table, _ -> new ArrayList<>()).add(route);
            return this;
        }

        /** Adds a rule; rules are asked in the order in which they are added. Without any, all packets are routed by the main table. */
        public Builder add(PolicyRule rule) {
            rules.add(rule);
            return this;
        }

        /** Adds a local address that stands on no interface of the view. */
        public Builder addLocal(IpAddress address) {
            return addLocal(address, address.family().bits());
        }

        /** Adds a network all of whose addresses count as the director's own: a route of type {@code local}. */
        public Builder addLocal(IpAddress network, int prefixLength) {
            local.add(new LocalNetwork(network, prefixLength));
            return this;
        }

        public Builder addNeighbour(int interfaceIndex, IpAddress address, MacAddress mac) {
            neighbours
                    .computeIfAbsent(interfaceIndex, _ -> new LinkedHashMap<>())
                    .put(address, mac);
            return this;
        }

        /** Adds the routes the kernel makes of the addresses given so far: each network is reached by its interface. */
        public Builder connectedRoutes() {
            for (Interface each : interfaces.values()) {
                for (InterfaceAddress own : each.addresses()) {
                    if (own.prefixLength() < own.address().family().bits()) {
                        routes.add(new Route(
                                own.address().masked(own.prefixLength()),
                                own.prefixLength(),
                                each.index(),
                                Optional.empty(),
                                // of IPv6 the source is chosen for each destination
                                own.address().isIpv4() ? Optional.of(own.address()) : Optional.empty(),
                                0,
                                0));
                    }
                }
            }
            return this;
        }

        /** Whether the machine routes; off unless said. */
        public Builder forwards(IpAddress.Family family, boolean on) {
            switch (family) {
                case IPV4 -> forwardsIpv4 = on;
                case IPV6 -> forwardsIpv6 = on;
            }
            return this;
        }

        public NetworkView build() {
            return new NetworkView(this);
        }
    }
}
