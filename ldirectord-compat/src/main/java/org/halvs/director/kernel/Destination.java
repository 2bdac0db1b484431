package org.halvs.director.kernel;

import org.halvs.ipvs.RealServer;
import org.halvs.linux.IpAddress;

/** What the kernel tells servers of one service apart by. */
record Destination(IpAddress address, int port) {
    static Destination of(RealServer server) {
        return new Destination(server.address(), server.port());
    }
}
