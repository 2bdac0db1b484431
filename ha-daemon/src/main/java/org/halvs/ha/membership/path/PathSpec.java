package org.halvs.ha.membership.path;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ha.config.Medium;
import org.halvs.linux.IpAddress;
import org.halvs.linux.SocketEndpoint;

/**
 * A path: all lines of ha.cf that name one interface, because {@code cl_status hblinkstatus} knows a path by its interface only.
 *
 * @param link the interface
 * @param ports at least one
 */
record PathSpec(String link, List<PortSpec> ports) {
    /** Reaches every host of the interface's network, and needs no address there. */
    private static final IpAddress BROADCAST = IpAddress.of("255.255.255.255");

    PathSpec {
        ports = List.copyOf(ports);
    }

    /**
     * What one socket of a path carries.
     *
     * @param port UDP; the TCP port of the same number is that of the life lines
     * @param destinations where every datagram goes
     * @param groups the multicast groups among them
     */
    record PortSpec(
            String link,
            IpAddress.Family family,
            int port,
            List<SocketEndpoint> destinations,
            List<Medium.Mcast> groups) {
        PortSpec {
            destinations = List.copyOf(destinations);
            groups = List.copyOf(groups);
        }
    }

    /** The paths of ha.cf in the order of the file; serial lines are none. */
    static List<PathSpec> of(List<Medium> media) {
        Map<String, Map<List<Object>, Ports>> links = new LinkedHashMap<>();
        for (Medium medium : media) {
            switch (medium) {
                case Medium.Serial _ -> {
                    // HALVS carries nothing on it
                }
                case Medium.Ucast ucast -> ports(links, ucast.link(), ucast.peer(), ucast.port());
                case Medium.Bcast bcast -> ports(links, bcast.link(), BROADCAST, bcast.port());
                case Medium.Mcast mcast ->
                    ports(links, mcast.link(), mcast.group(), mcast.port())
                            .groups
                            .add(mcast);
            }
        }
        List<PathSpec> paths = new ArrayList<>();
        links.forEach((link, ports) -> paths.add(new PathSpec(
                link, ports.values().stream().map(p -> p.spec(link)).toList())));
        return List.copyOf(paths);
    }

    private static final class Ports {
        final IpAddress.Family family;
        final int port;
        final List<SocketEndpoint> destinations = new ArrayList<>();
        final List<Medium.Mcast> groups = new ArrayList<>();

        Ports(IpAddress.Family family, int port) {
            this.family = family;
            this.port = port;
        }

        PortSpec spec(String link) {
            return new PortSpec(link, family, port, destinations, groups);
        }
    }

    private static Ports ports(
            Map<String, Map<List<Object>, Ports>> links, String link, IpAddress destination, int port) {
        Ports ports = links.computeIfAbsent(link, _ -> new LinkedHashMap<>())
                .computeIfAbsent(List.of(destination.family(), port), _ -> new Ports(destination.family(), port));
        SocketEndpoint endpoint = SocketEndpoint.of(destination, port);
        if (!ports.destinations.contains(endpoint)) {
            ports.destinations.add(endpoint);
        }
        return ports;
    }
}
