package org.halvs.ldirectord;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.admin.EtcServices;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/** A name service that knows what it is told: texts in the format of {@code /etc/hosts} and {@code /etc/services}. Immutable. */
public final class FixedNameService implements NameService {
    private final Map<String, IpAddress> hosts = new LinkedHashMap<>();
    private final EtcServices services;
    private final String localHostName;

    /**
     * @param hosts lines of an address and its names
     * @param services lines of a name, port/protocol and aliases
     */
    public FixedNameService(String hosts, String services, String localHostName) {
        for (String line : hosts.split("\n")) {
            List<String> words = List.of(line.strip().split("\\s+"));
            IpAddress.parse(words.getFirst()).ifPresent(address -> {
                for (String name : words.subList(1, words.size())) {
                    this.hosts.putIfAbsent(address.family() + " " + name, address);
                }
            });
        }
        this.services = EtcServices.parse(services);
        this.localHostName = localHostName;
    }

    @Override
    public Optional<IpAddress> host(String host, Family family) {
        return Literals.parse(host, family).or(() -> Optional.ofNullable(hosts.get(family + " " + host)));
    }

    @Override
    public OptionalInt port(String service, Optional<Protocol> protocol) {
        return NameService.port(services, service, protocol);
    }

    @Override
    public String localHostName() {
        return localHostName;
    }
}
