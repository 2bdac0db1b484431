package org.halvs.ipvs.admin;

import java.util.Optional;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.ServiceKey;
import org.halvs.linux.IpAddress;

/** Addresses with ports as ipvsadm prints them, in numbers or by name. */
final class NamePrinter {
    /** ipvsadm builds each in a buffer of 60 bytes. */
    private static final int LONGEST = 59;

    private final NameService names;
    private final boolean numeric;

    NamePrinter(NameService names, boolean numeric) {
        this.names = names;
        this.numeric = numeric;
    }

    /** {@code 192.0.2.10:80} or {@code [2001:db8::1]:80}; by name where one is known. */
    String endpoint(IpAddress address, int port, Optional<Protocol> protocol) {
        String host = host(address);
        String text = (address.isIpv4() ? host : "[" + host + "]") + ":" + port(port, protocol);
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }

    private String host(IpAddress address) {
        return numeric ? address.toString() : names.host(address).orElseGet(address::toString);
    }

    private String port(int port, Optional<Protocol> protocol) {
        String number = Integer.toString(port);
        return numeric || protocol.isEmpty()
                ? number
                : names.service(port, protocol.get()).orElse(number);
    }

    /** The protocol by whose service names the ports of a service are printed; a firewall mark has none. */
    static Optional<Protocol> protocol(ServiceKey key) {
        return switch (key) {
            case ServiceKey.AddressKey(Protocol protocol, IpAddress _, int _) -> Optional.of(protocol);
            case ServiceKey.FirewallMark _ -> Optional.empty();
        };
    }
}
