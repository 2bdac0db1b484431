package org.halvs.ha.runtime;

import java.util.Optional;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServerOverride;
import org.halvs.linux.IpAddress;

/**
 * What operators ordered last for a real server. Immutable.
 *
 * @param order empty when the last one was to take the others back
 * @param version milliseconds since 1970 when it was ordered, greater than that of every earlier order for the server this node knew of
 * @param node where it was ordered
 */
record ServerOrder(ServerAddress server, Optional<ServerOverride> order, long version, String node) {

    /** {@code 10.0.0.1:80} or {@code [2001:db8::1]:80}, without a port where the configuration names none. */
    String name() {
        IpAddress address = server.address();
        return server.port() == 0 ? address.toString() : address.bracketed() + ":" + server.port();
    }

    /** For people. */
    String text() {
        return describe(order);
    }

    static String describe(Optional<ServerOverride> order) {
        return order.map(given -> switch (given) {
                    case ServerOverride.Drain _ -> "no new connections";
                    case ServerOverride.Weight weight -> "weight " + weight.weight();
                })
                .orElse("the weight of its configuration");
    }

    /** As {@link #parse} reads it. */
    String line() {
        String word = order.map(given -> switch (given) {
                    case ServerOverride.Drain _ -> "drain";
                    case ServerOverride.Weight weight -> Integer.toString(weight.weight());
                })
                .orElse("default");
        return version + " " + node + " " + server.address() + " " + server.port() + " " + word;
    }

    /** Reads a {@link #line}; empty for what is none, or one of another version of HALVS. */
    static Optional<ServerOrder> parse(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != 5 || !words[0].matches("[0-9]{1,18}") || !words[3].matches("[0-9]{1,5}")) {
            return Optional.empty();
        }
        Optional<ServerOverride> order;
        switch (words[4]) {
            case "default" -> order = Optional.empty();
            case "drain" -> order = Optional.of(new ServerOverride.Drain());
            default -> {
                if (!words[4].matches("[0-9]{1,9}")) {
                    return Optional.empty();
                }
                order = Optional.of(new ServerOverride.Weight(Integer.parseInt(words[4])));
            }
        }
        return IpAddress.parse(words[2])
                .map(address -> new ServerOrder(
                        new ServerAddress(address, Integer.parseInt(words[3])),
                        order,
                        Long.parseLong(words[0]),
                        words[1]));
    }
}
