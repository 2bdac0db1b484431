package org.halvs.ipvs;

import java.util.Optional;

/**
 * The persistence of a virtual service: connections of one client network go to one real server.
 *
 * @param timeoutSeconds how long a template lives after its last new connection, 1 to 2678400
 * @param netmask for IPv4 the 32-bit mask that makes a client network of a client address (-1 for one client; need not be contiguous); for
 *     IPv6 the prefix length, 1 to 128
 * @param engine the persistence engine, {@code sip}, where one is used
 */
public record Persistence(int timeoutSeconds, int netmask, Optional<String> engine) {
    /** The longest timeout the kernel accepts, 31 days. */
    public static final int MAX_TIMEOUT_SECONDS = 31 * 86400;

    public Persistence {
        if (timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS) {
            throw new IllegalArgumentException("persistence timeout " + timeoutSeconds + " s");
        }
    }
}
