package org.halvs.ipvs.replay;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.NetworkView.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/** The network a replayed director stands in; made line by line, then seen through {@link #view()}. */
public final class ReplayNetwork {
    /** Of an interface nobody set another one for. */
    public static final int DEFAULT_MTU = 1500;

    private record Link(int index, MacAddress mac, int mtu, List<InterfaceAddress> addresses) {}

    private record Neighbour(String interfaceName, IpAddress address, MacAddress mac) {}

    private final Map<String, Link> links = new LinkedHashMap<>();
    private final List<NetworkView.Route> routes = new ArrayList<>();
    private final List<String> routeLines = new ArrayList<>();
    private final List<Neighbour> neighbours = new ArrayList<>();
    private boolean forwardsIpv4 = true;
    private boolean forwardsIpv6 = true;

    /** Adds an interface, or gives one another MAC and other addresses. Its networks are reachable through it. */
    public void putInterface(String name, MacAddress mac, List<InterfaceAddress> addresses) {
        Link old = links.get(name);
        int index = old == null ? links.size() + 2 : old.index(); // 1 is the loopback interface
        links.put(name, new Link(index, mac, old == null ? DEFAULT_MTU : old.mtu(), List.copyOf(addresses)));
    }

    /** Changes the MTU of an interface; answers whether there is one of this name. */
    public boolean putMtu(String name, int mtu) {
        Link old = links.get(name);
        if (old == null) {
            return false;
        }
        links.put(name, new Link(old.index(), old.mac(), mtu, old.addresses()));
        return true;
    }

    /**
     * Adds a route.
     *
     * @param gateway reached by an interface that has it in one of its networks
     * @return false when no interface does
     */
    public boolean putRoute(IpAddress destination, int prefixLength, IpAddress gateway) {
        for (Map.Entry<String, Link> link : links.entrySet()) {
            for (InterfaceAddress own : link.getValue().addresses()) {
                if (own.prefixLength() < own.address().family().bits()
                        && own.address().inSamePrefix(gateway, own.prefixLength())) {
                    addRoute(destination, prefixLength, link.getValue(), Optional.of(gateway));
                    routeLines.add("route " + destination + "/" + prefixLength + " via " + gateway);
                    return true;
                }
            }
        }
        return false;
    }

    /** Adds a route to neighbours on an interface; answers whether there is one of this name. */
    public boolean putRoute(IpAddress destination, int prefixLength, String interfaceName) {
        Link link = links.get(interfaceName);
        if (link == null) {
            return false;
        }
        addRoute(destination, prefixLength, link, Optional.empty());
        routeLines.add("route " + destination + "/" + prefixLength + " dev " + interfaceName);
        return true;
    }

    private void addRoute(IpAddress destination, int prefixLength, Link link, Optional<IpAddress> gateway) {
        routes.add(new NetworkView.Route(
                destination.masked(prefixLength), prefixLength, link.index(), gateway, Optional.empty(), 0, 0));
    }

    /** Makes an Ethernet address known; answers whether there is an interface of this name. */
    public boolean putNeighbour(String interfaceName, IpAddress address, MacAddress mac) {
        if (!links.containsKey(interfaceName)) {
            return false;
        }
        neighbours.removeIf(known ->
                known.interfaceName().equals(interfaceName) && known.address().equals(address));
        neighbours.add(new Neighbour(interfaceName, address, mac));
        return true;
    }

    /** Whether the director routes packets of a family; it does unless said otherwise. */
    public void putForwarding(IpAddress.Family family, boolean on) {
        switch (family) {
            case IPV4 -> forwardsIpv4 = on;
            case IPV6 -> forwardsIpv6 = on;
        }
    }

    /** The kernel puts an IPv6 address in front of those an interface has, and prefers the first as a source ({@code ipv6_link_dev_addr}). */
    private static List<InterfaceAddress> asTheKernelKeepsThem(List<InterfaceAddress> added) {
        List<InterfaceAddress> kept = new ArrayList<>();
        for (InterfaceAddress each : added) {
            if (each.address().isIpv4()) {
                kept.add(each);
            } else {
                kept.addFirst(each);
            }
        }
        return kept;
    }

    public List<String> interfaceNames() {
        return List.copyOf(links.keySet());
    }

    public boolean hasInterface(String name) {
        return links.containsKey(name);
    }

    /** The Ethernet address of an interface that is there. */
    MacAddress mac(String name) {
        Link link = links.get(name);
        if (link == null) {
            throw new IllegalArgumentException("no interface " + name);
        }
        return link.mac();
    }

    /** The first address of a family that an interface has. */
    Optional<IpAddress> firstAddress(String name, IpAddress.Family family) {
        Link link = links.get(name);
        return link == null
                ? Optional.empty()
                : link.addresses().stream()
                        .map(InterfaceAddress::address)
                        .filter(address -> address.family() == family)
                        .findFirst();
    }

    /** Whether an Ethernet address is that of the director's interface of this name. */
    boolean isOwn(String name, MacAddress mac) {
        Link link = links.get(name);
        return link != null && link.mac().equals(mac);
    }

    /** The number of an interface that is there. */
    int index(String name) {
        Link link = links.get(name);
        if (link == null) {
            throw new IllegalArgumentException("no interface " + name);
        }
        return link.index();
    }

    /** The numbers of the interfaces a name stands for, bit n for number n; a name that ends in {@code +} stands for all that begin so. */
    long interfaceSet(String name) {
        boolean prefix = name.endsWith("+");
        String start = prefix ? name.substring(0, name.length() - 1) : name;
        long set = 0;
        for (Map.Entry<String, Link> link : links.entrySet()) {
            boolean stands =
                    prefix ? link.getKey().startsWith(start) : link.getKey().equals(name);
            set |= stands && link.getValue().index() < 64
                    ? 1L << link.getValue().index()
                    : 0;
        }
        return set;
    }

    /** The name of the interface with a number; the number itself when there is none. */
    String name(int index) {
        for (Map.Entry<String, Link> link : links.entrySet()) {
            if (link.getValue().index() == index) {
                return link.getKey();
            }
        }
        return Integer.toString(index);
    }

    /** Whether an address is the broadcast address of a network the director is in. */
    boolean isBroadcast(IpAddress address) {
        return links.values().stream()
                .flatMap(link -> link.addresses().stream())
                .anyMatch(own -> own.address().isIpv4()
                        && own.prefixLength() < 31
                        && address.equals(IpAddress.ofIpv4(own.address().ipv4() | -1 >>> own.prefixLength())));
    }

    public NetworkView view() {
        NetworkView.Builder builder = NetworkView.builder();
        links.forEach((name, link) -> builder.add(new NetworkView.Interface(
                link.index(), name, link.mac(), link.mtu(), asTheKernelKeepsThem(link.addresses()))));
        builder.connectedRoutes();
        routes.forEach(builder::add);
        neighbours.forEach(known -> builder.addNeighbour(
                links.getOrDefault(known.interfaceName(), new Link(0, known.mac(), 0, List.of()))
                        .index(),
                known.address(),
                known.mac()));
        return builder.forwards(IpAddress.Family.IPV4, forwardsIpv4)
                .forwards(IpAddress.Family.IPV6, forwardsIpv6)
                .build();
    }

    /** The lines of a script that make this network. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        links.forEach((name, link) -> {
            List<String> addresses = link.addresses().stream()
                    .map(own -> own.address() + "/" + own.prefixLength())
                    .toList();
            lines.add("interface " + name + " " + link.mac() + " " + String.join(",", addresses));
            if (link.mtu() != DEFAULT_MTU) {
                lines.add("mtu " + name + " " + link.mtu());
            }
        });
        lines.addAll(routeLines);
        neighbours.forEach(
                known -> lines.add("neighbour " + known.interfaceName() + " " + known.address() + " " + known.mac()));
        return lines;
    }
}
