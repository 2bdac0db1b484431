package org.halvs.resource.address;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.Route;

/**
 * Finds what a request leaves open, as heartbeat's {@code findif} does: the route by which this host reaches the
 * address without a gateway gives the interface and the prefix length; the broadcast address follows from the prefix.
 * Pure.
 *
 * <p>Labels of IPaddr are given out one after the other, so a group is resolved by one instance.
 */
public final class AddressResolution {
    private final HostNetwork network;
    private final Set<String> takenLabels = new LinkedHashSet<>();

    public AddressResolution(HostNetwork network) {
        this.network = network;
        network.addresses().forEach(own -> own.label().ifPresent(takenLabels::add));
    }

    /** What became of a request. */
    public sealed interface Resolved {

        /** Complete. */
        record Address(FloatingAddress address) implements Resolved {}

        /**
         * It can't be completed.
         *
         * @param message the address, what is missing and what to do
         */
        record Unresolved(String message) implements Resolved {}
    }

    public Resolved resolve(AddressRequest request) {
        Optional<Link> named = request.device().flatMap(network::link);
        if (request.device().isPresent() && named.isEmpty()) {
            return new Resolved.Unresolved("interface " + request.device().get() + " for " + request.address()
                    + " does not exist here; there are " + linkNames());
        }
        if (named.isPresent() && request.prefixLength().isPresent()) {
            return complete(request, named.get(), request.prefixLength().getAsInt());
        }
        Optional<Route> route = onLinkRoute(request.address(), named);
        if (route.isEmpty()) {
            return new Resolved.Unresolved(noRoute(request));
        }
        Optional<Link> link =
                named.or(() -> network.link(route.get().linkIndex().orElse(0)));
        return link.isEmpty()
                ? new Resolved.Unresolved(noRoute(request))
                : complete(
                        request,
                        link.get(),
                        request.prefixLength().orElse(route.get().prefixLength()));
    }

    /**
     * The most specific one; of equal ones the one with the smallest metric. A default route says nothing about a
     * prefix.
     */
    private Optional<Route> onLinkRoute(IpAddress address, Optional<Link> named) {
        return network.onLinkRoutes().stream()
                .filter(route -> route.prefixLength() > 0)
                .filter(route -> route.destination().inSamePrefix(address, route.prefixLength()))
                .filter(route -> route.linkIndex().isPresent())
                .filter(route -> named.isEmpty()
                        || route.linkIndex().getAsInt() == named.get().index())
                .max(Comparator.comparingInt(Route::prefixLength)
                        .thenComparing(Route::metric, Comparator.reverseOrder()));
    }

    private Resolved complete(AddressRequest request, Link link, int prefixLength) {
        return new Resolved.Address(new FloatingAddress(
                request.address(),
                prefixLength,
                link.name(),
                label(request, link, prefixLength),
                request.broadcast().or(() -> broadcast(request.address(), prefixLength, link))));
    }

    /** All host bits set. None for prefixes that have no broadcast address (RFC 3021) and for the loopback. */
    private static Optional<IpAddress> broadcast(IpAddress address, int prefixLength, Link link) {
        if (!address.isIpv4() || prefixLength > 30 || link.loopback()) {
            return Optional.empty();
        }
        int hostBits = prefixLength == 0 ? -1 : (1 << 32 - prefixLength) - 1;
        return Optional.of(IpAddress.ofIpv4(address.ipv4() | hostBits));
    }

    /**
     * COMPAT: IPaddr makes the alias {@code eth0:0}, {@code eth0:1} and so on, the first that is free; an address that
     * is there already keeps its label.
     */
    private Optional<String> label(AddressRequest request, Link link, int prefixLength) {
        if (request.label().isPresent() || request.script() != AddressScript.IPADDR) {
            return request.label();
        }
        Optional<String> present = network.copiesOf(request.address()).stream()
                .filter(own -> own.linkIndex() == link.index() && own.prefixLength() == prefixLength)
                .findFirst()
                .flatMap(InterfaceAddress::label);
        if (present.isPresent()) {
            return present;
        }
        for (int number = 0; ; number++) {
            String label = link.name() + ":" + number;
            if (label.length() > 15) {
                return Optional.empty(); // ifconfig could not make one either
            }
            if (takenLabels.add(label)) {
                return Optional.of(label);
            }
        }
    }

    private static String noRoute(AddressRequest request) {
        String by = request.device().map(device -> " by interface " + device).orElse("");
        String example = request.address() + "/"
                + request.prefixLength().orElse(request.address().isIpv4() ? 24 : 64) + "/"
                + request.device().orElse("eth0");
        return "no network of this host contains " + request.address() + by
                + ", so its interface and prefix are unknown; write them behind the address ("
                + request.script().agent() + "::" + example + ") or give the host an address in that network";
    }

    private String linkNames() {
        List<String> names = network.links().stream().map(Link::name).toList();
        return names.stream().limit(20).collect(Collectors.joining(", ")) + (names.size() > 20 ? " ..." : "");
    }
}
