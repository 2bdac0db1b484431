package org.halvs.ldirectord;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;

/** The content of {@code /etc/services}, see services(5). Immutable. */
final class ServiceFile {
    /** "name/protocol" to port, in the order of the file. */
    private final Map<String, Integer> ports;

    private ServiceFile(Map<String, Integer> ports) {
        this.ports = ports;
    }

    /** Reads what can be read; lines that are not as services(5) wants them are skipped, as libc does. */
    static ServiceFile parse(String text) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            int hash = line.indexOf('#');
            String[] words = (hash < 0 ? line : line.substring(0, hash)).strip().split("\\s+");
            String[] portAndProtocol = words.length < 2 ? new String[0] : words[1].split("/");
            if (portAndProtocol.length != 2 || !portAndProtocol[0].matches("\\d{1,5}")) {
                continue;
            }
            int port = Integer.parseInt(portAndProtocol[0]);
            for (int i = 0; i < words.length; i++) {
                if (i != 1 && port <= 65535) {
                    ports.putIfAbsent(words[i] + "/" + portAndProtocol[1], port);
                }
            }
        }
        return new ServiceFile(ports);
    }

    OptionalInt port(String service, Optional<Protocol> protocol) {
        if (protocol.isPresent()) {
            return port(service, protocol.get());
        }
        for (Protocol candidate : Protocol.values()) {
            OptionalInt port = port(service, candidate);
            if (port.isPresent()) {
                return port;
            }
        }
        return OptionalInt.empty();
    }

    private OptionalInt port(String service, Protocol protocol) {
        Integer port = ports.get(service + "/" + protocol.name().toLowerCase(Locale.ROOT));
        return port == null ? OptionalInt.empty() : OptionalInt.of(port);
    }
}
