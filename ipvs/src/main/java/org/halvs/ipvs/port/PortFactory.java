package org.halvs.ipvs.port;

import org.halvs.linux.Link;

/** Opens ports, and what waits for them. */
public interface PortFactory {

    /**
     * Opens a port, in the network namespace of the calling thread.
     *
     * @param share the number of ports that share the memory meant for all of them, 1 or more
     * @throws org.halvs.linux.LinuxException when the kernel refuses
     */
    PacketPort open(Link link, int share);

    PortWaiter waiter();

    /** The kind of ports, for the log and the status: {@code AF_PACKET rings}. */
    String description();
}
