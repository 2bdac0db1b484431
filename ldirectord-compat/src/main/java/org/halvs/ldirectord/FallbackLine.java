package org.halvs.ldirectord;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.ipvs.ForwardingMethod;

/** The value of {@code fallback}: {@code host[:port] [gate|masq|ipip]}. Pure. */
final class FallbackLine {
    static final String BAD_METHOD = "forward method must be gate, masq or ipip";
    private static final Pattern HOST_PORT = Pattern.compile("(.+):([0-9A-Za-z_-]+)");

    private FallbackLine() {}

    /** What came of reading one. */
    sealed interface Outcome {}

    /** Nothing stands there: no fallback. */
    record Nothing() implements Outcome {}

    /** A word that is no forwarding method. */
    record BadMethod() implements Outcome {}

    /**
     * A server.
     *
     * @param host as written, with brackets for a literal IPv6 address
     */
    record Server(String host, Optional<String> port, ForwardingMethod method) implements Outcome {}

    static Outcome read(String value) {
        String[] words = value.strip().split("\\s+");
        if (words[0].isEmpty()) {
            return new Nothing();
        }
        ForwardingMethod method = ForwardingMethod.DIRECT_ROUTE;
        // COMPAT: of several words the last must be the method and the one before it is the host
        String server = words[0];
        if (words.length > 1) {
            Optional<ForwardingMethod> named = method(words[words.length - 1]);
            if (named.isEmpty()) {
                return new BadMethod();
            }
            method = named.get();
            server = words[words.length - 2];
        }
        Matcher matcher = HOST_PORT.matcher(server);
        return matcher.matches()
                ? new Server(matcher.group(1), Optional.of(matcher.group(2)), method)
                : new Server(server, Optional.empty(), method);
    }

    /** The forwarding method ldirectord.cf calls {@code word}. */
    static Optional<ForwardingMethod> method(String word) {
        return switch (word) {
            case "gate" -> Optional.of(ForwardingMethod.DIRECT_ROUTE);
            case "masq" -> Optional.of(ForwardingMethod.MASQUERADE);
            case "ipip" -> Optional.of(ForwardingMethod.TUNNEL);
            default -> Optional.empty();
        };
    }
}
