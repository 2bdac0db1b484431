package org.halvs.ipvs.admin;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;

/** The content of a services(5) file. Immutable; of several lines for one port or name the first counts, as in the C library. */
public final class EtcServices {
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();

    private EtcServices() {}

    /** Reads {@code name port/protocol alias… # comment} lines; lines of any other form say nothing and are passed over. */
    public static EtcServices parse(String text) {
        EtcServices services = new EtcServices();
        text.lines().forEach(services::readLine);
        return services;
    }

    private void readLine(String line) {
        int comment = line.indexOf('#');
        String[] words =
                (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+");
        int slash = words.length < 2 ? -1 : words[1].indexOf('/');
        if (slash < 1) {
            return;
        }
        OptionalInt port = CText.number(words[1].substring(0, slash), 0, 65535);
        if (port.isEmpty()) {
            return;
        }
        String protocol = words[1].substring(slash + 1);
        names.putIfAbsent(port.getAsInt() + "/" + protocol, words[0]);
        for (int i = 0; i < words.length; i++) {
            if (i != 1) {
                ports.putIfAbsent(words[i] + "/" + protocol, port.getAsInt());
            }
        }
    }

    /** The port of a service by its name or one of its aliases. */
    public OptionalInt port(String name, Protocol protocol) {
        Integer port = ports.get(name + "/" + word(protocol));
        return port == null ? OptionalInt.empty() : OptionalInt.of(port);
    }

    /** The name of a port. */
    public Optional<String> name(int port, Protocol protocol) {
        return Optional.ofNullable(names.get(port + "/" + word(protocol)));
    }

    private static String word(Protocol protocol) {
        return protocol.name().toLowerCase(Locale.ROOT);
    }
}
