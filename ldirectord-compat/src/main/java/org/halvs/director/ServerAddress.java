package org.halvs.director;

import org.halvs.linux.IpAddress;

/**
 * Names real servers for an operator: every real server of that address and configured port, in whatever service.
 *
 * @param port as its {@code real =} line names it, 0 when it names none
 */
public record ServerAddress(IpAddress address, int port) {

    /** The address and configured port of a real server. */
    public static ServerAddress of(RealPlan real) {
        return new ServerAddress(real.server().address(), real.configuredPort());
    }
}
