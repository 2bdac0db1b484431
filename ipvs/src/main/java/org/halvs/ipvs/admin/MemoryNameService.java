package org.halvs.ipvs.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;
import org.halvs.linux.IpAddress;

/** Names given one by one; the twin of {@link SystemNameService}. Confined to one thread. */
public final class MemoryNameService implements NameService {
    private final Map<String, IpAddress> addresses = new LinkedHashMap<>();
    private final Map<IpAddress, String> hosts = new LinkedHashMap<>();
    private final EtcServices services;

    /** Knows no host, and the services of {@code etcServices}, a text in the format of services(5). */
    public MemoryNameService(String etcServices) {
        this.services = EtcServices.parse(etcServices);
    }

    /** Makes {@code name} and {@code address} stand for each other; the first name of an address is the one it maps back to. */
    public MemoryNameService withHost(String name, IpAddress address) {
        addresses.putIfAbsent(name, address);
        hosts.putIfAbsent(address, name);
        return this;
    }

    @Override
    public Optional<IpAddress> address(String host) {
        return Optional.ofNullable(addresses.get(host)).filter(IpAddress::isIpv4);
    }

    @Override
    public Optional<String> host(IpAddress address) {
        return Optional.ofNullable(hosts.get(address));
    }

    @Override
    public OptionalInt port(String service, Protocol protocol) {
        return services.port(service, protocol);
    }

    @Override
    public Optional<String> service(int port, Protocol protocol) {
        return services.name(port, protocol);
    }
}
