package org.halvs.director.kernel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;

/** What ipvsadm lists, in the order of the listing, which says nothing about the kernel's. */
public record ObservedTable(List<Service> services) {
    /** Nothing. */
    public static final ObservedTable EMPTY = new ObservedTable(List.of());

    /**
     * A listed service.
     *
     * @param service its properties; empty when it has some this program does not know, such as a scheduler of somebody's own
     */
    public record Service(ServiceKey key, Optional<VirtualService> service, List<RealServer> servers) {
        public Service {
            servers = List.copyOf(servers);
        }

        Optional<RealServer> server(RealServer like) {
            return servers.stream().filter(like::sameDestination).findFirst();
        }
    }

    public ObservedTable {
        services = List.copyOf(services);
    }

    public Optional<Service> service(ServiceKey key) {
        return services.stream().filter(service -> service.key().equals(key)).findFirst();
    }

    /** Only the services in {@code keys}. */
    ObservedTable only(Set<ServiceKey> keys) {
        return new ObservedTable(services.stream()
                .filter(service -> keys.contains(service.key()))
                .toList());
    }

    Map<ServiceKey, Service> byKey() {
        Map<ServiceKey, Service> map = new LinkedHashMap<>();
        services.forEach(service -> map.put(service.key(), service));
        return map;
    }

    /** The services whose properties are known, for a director to start from. */
    public ForwardingTable table() {
        return new ForwardingTable(
                0,
                services.stream()
                        .filter(service -> service.service().isPresent())
                        .map(service ->
                                new ForwardingTable.Entry(service.service().get(), service.servers()))
                        .toList());
    }

    /** What a table looks like in a listing. */
    static ObservedTable of(ForwardingTable table) {
        return new ObservedTable(table.entries().stream()
                .map(entry -> new Service(entry.service().key(), Optional.of(entry.service()), entry.servers()))
                .toList());
    }
}
