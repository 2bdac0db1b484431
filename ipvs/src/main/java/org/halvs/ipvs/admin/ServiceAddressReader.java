package org.halvs.ipvs.admin;

import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;
import org.halvs.linux.IpAddress;

/** Reads {@code host[:port]} with ipvsadm's peculiarities. */
final class ServiceAddressReader {

    /** An address with the port that was given, if one was. */
    record HostPort(IpAddress address, OptionalInt port) {}

    private final NameService names;

    ServiceAddressReader(NameService names) {
        this.names = names;
    }

    /**
     * Reads {@code text}.
     *
     * @param protocol whose service names may stand for the port; empty when no protocol is known yet, then only numbers are ports
     * @return empty when it is no address
     */
    Optional<HostPort> read(String text, Optional<Protocol> protocol) {
        if (CText.allDigits(text)) {
            return Optional.empty();
        }
        String host = text;
        Optional<String> port = Optional.empty();
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0 || !text.startsWith(":", end + 1)) {
                // COMPAT: a bracketed address needs its port
                return Optional.empty();
            }
            host = text.substring(1, end);
            port = Optional.of(text.substring(end + 2));
        }
        Optional<IpAddress> address = host.indexOf(':') < 0 ? Optional.empty() : IpAddress.parse(host);
        if (address.isEmpty()) {
            // COMPAT: brackets around anything but an IPv6 address lose the port that follows them
            int colon = host.lastIndexOf(':');
            port = colon < 0 ? Optional.empty() : Optional.of(host.substring(colon + 1));
            address = ipv4(colon < 0 ? host : host.substring(0, colon));
        }
        if (address.isEmpty()) {
            return Optional.empty();
        }
        if (port.isEmpty()) {
            return Optional.of(new HostPort(address.get(), OptionalInt.empty()));
        }
        OptionalInt number = port(port.get(), protocol);
        return number.isEmpty() ? Optional.empty() : Optional.of(new HostPort(address.get(), number));
    }

    /** An IPv4 address or the name of a host that has one. */
    Optional<IpAddress> ipv4(String host) {
        return CText.ipv4(host).or(() -> host.isEmpty() ? Optional.empty() : names.address(host));
    }

    private OptionalInt port(String text, Optional<Protocol> protocol) {
        OptionalInt number = CText.number(text, 0, 65535);
        if (number.isPresent() || protocol.isEmpty()) {
            return number;
        }
        return names.port(text, protocol.get());
    }
}
