package org.halvs.check;

import org.halvs.linux.IpAddress;

/**
 * Where a probe goes.
 *
 * @param port 0 to 65535; 0 where the check needs none (ping, external)
 */
public record CheckTarget(IpAddress address, int port) {
    public CheckTarget {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port);
        }
    }

    /** {@code 192.0.2.1:80} or {@code [2001:db8::1]:80}. */
    @Override
    public String toString() {
        return address.bracketed() + ":" + port;
    }
}
