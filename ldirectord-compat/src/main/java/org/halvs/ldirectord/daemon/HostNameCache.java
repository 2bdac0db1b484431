package org.halvs.ldirectord.daemon;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.halvs.linux.IpAddress;

/** The names of addresses, looked up on threads of their own so that a slow name server delays nobody. Thread-safe. */
final class HostNameCache {
    private static final long KEEP_NANOS = Duration.ofMinutes(5).toNanos();

    private final Map<IpAddress, Known> names = new ConcurrentHashMap<>();

    /** What a look-up said, and when it began. */
    private record Known(Optional<String> name, long atNanos) {}

    /** The name as far as it is known; one that is not, or not lately, is asked for and known a little later. */
    Optional<String> nameOf(IpAddress address) {
        long now = System.nanoTime();
        Known known = names.get(address);
        if (known != null && now - known.atNanos() < KEEP_NANOS) {
            return known.name();
        }
        Optional<String> before = known == null ? Optional.empty() : known.name();
        names.put(address, new Known(before, now));
        Thread.ofVirtual().name("name-of-" + address).start(() -> lookUp(address, now));
        return before;
    }

    private void lookUp(IpAddress address, long now) {
        InetAddress inet = address.toInetAddress();
        String name = inet.getCanonicalHostName();
        boolean found = !name.equals(inet.getHostAddress());
        names.put(address, new Known(found ? Optional.of(name) : Optional.empty(), now));
    }
}
