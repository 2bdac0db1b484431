package org.halvs.resource.address;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.Route;
import org.halvs.linux.Rtnetlink;

/**
 * What interfaces, addresses and routes this host had at one moment: what decisions about addresses are made from.
 * Immutable.
 */
public final class HostNetwork {
    private final List<Link> links;
    private final List<InterfaceAddress> addresses;
    private final List<Route> onLinkRoutes;
    private final List<Route> gatewayRoutes;
    private final Map<IpAddress, List<InterfaceAddress>> byAddress = new LinkedHashMap<>();

    public HostNetwork(List<Link> links, List<InterfaceAddress> addresses, List<Route> routes) {
        this.links = List.copyOf(links);
        this.addresses = List.copyOf(addresses);
        this.onLinkRoutes = routes.stream()
                .filter(route -> route.table() == Route.MAIN && route.onLink())
                .toList();
        this.gatewayRoutes = routes.stream()
                .filter(route -> route.table() == Route.MAIN && route.gateway().isPresent())
                .toList();
        for (InterfaceAddress own : addresses) {
            byAddress.computeIfAbsent(own.address(), _ -> new ArrayList<>(1)).add(own);
        }
    }

    /** Asks the kernel; a millisecond or two. */
    public static HostNetwork read(Rtnetlink rtnetlink) {
        return new HostNetwork(rtnetlink.links(), rtnetlink.addresses(), rtnetlink.routes());
    }

    List<Link> links() {
        return links;
    }

    List<InterfaceAddress> addresses() {
        return addresses;
    }

    /** The routes of the table main that need no gateway. */
    List<Route> onLinkRoutes() {
        return onLinkRoutes;
    }

    /** The routes of the table main that lead to a gateway. */
    List<Route> gatewayRoutes() {
        return gatewayRoutes;
    }

    Optional<Link> link(String name) {
        return links.stream().filter(link -> link.name().equals(name)).findFirst();
    }

    Optional<Link> link(int index) {
        return links.stream().filter(link -> link.index() == index).findFirst();
    }

    /** Every place the address is at, whatever the prefix. */
    List<InterfaceAddress> copiesOf(IpAddress address) {
        return byAddress.getOrDefault(address, List.of());
    }
}
