package org.halvs.ipvs.forward;

import org.halvs.ipvs.ServiceKey;
import org.halvs.linux.IpAddress;

/**
 * A masqueraded real server on the director itself whose connections, and the answers that never come by here, the local stack translates.
 *
 * @param service of a port of its own
 * @param address one of the director
 */
public record RedirectedServer(ServiceKey.AddressKey service, IpAddress address, int port) {
    /** Names both, for the log and the status: {@code 127.0.0.1:8080 of TCP 192.0.2.10:80}. */
    @Override
    public String toString() {
        return address.bracketed() + ":" + port + " of " + service;
    }
}
