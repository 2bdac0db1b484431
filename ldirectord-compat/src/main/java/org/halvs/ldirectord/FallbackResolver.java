package org.halvs.ldirectord;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/** The names in a fallback, looked up. */
final class FallbackResolver {
    private FallbackResolver() {}

    /** What came of it. */
    sealed interface Outcome {
        /** The fallback; or nothing, after the complaint and its remedy have been handed over. */
        default Optional<Globals.Fallback> orReport(BiConsumer<String, String> complaints) {
            return switch (this) {
                case Found found -> Optional.of(found.fallback());
                case NotFound notFound -> {
                    complaints.accept(notFound.complaint(), notFound.remedy());
                    yield Optional.empty();
                }
            };
        }
    }

    record Found(Globals.Fallback fallback) implements Outcome {}

    record NotFound(String complaint, String remedy) implements Outcome {}

    /**
     * Looks the host up.
     *
     * @param port what the port's text came to; when the server names a port and this is empty, the port is the problem
     */
    static Outcome resolve(FallbackLine.Server server, OptionalInt port, Family family, NameService names) {
        Optional<IpAddress> address = names.host(server.host(), family);
        String version = family == Family.IPV4 ? "IPv4" : "IPv6";
        if (address.isEmpty()) {
            return new NotFound(
                    "invalid " + version + " address or could not resolve for fallback server: " + server.host(),
                    "name a host that has an " + version + " address, or write the address");
        }
        if (server.port().isPresent() && port.isEmpty()) {
            return new NotFound(
                    "invalid port for fallback server",
                    "write a number from 0 to 65535 instead of " + server.port().get());
        }
        return new Found(new Globals.Fallback(address.get(), port, server.method()));
    }
}
