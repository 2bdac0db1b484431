package org.halvs.ha.config;

import org.halvs.linux.IpAddress;

/** One way by which the nodes hear each other: a {@code ucast}, {@code bcast}, {@code mcast} or {@code serial} line of ha.cf. */
public sealed interface Medium {

    /** The interface, or the device of a serial line: what {@code cl_status listhblinks} prints. */
    String link();

    /**
     * UDP to one address. A line for an own address is harmless, so that both nodes may have the same file.
     *
     * @param peer IPv4 for {@code ucast}, IPv6 for {@code ucast6}
     * @param port 1 to 65535, from the last {@code udpport} line above
     */
    record Ucast(String link, IpAddress peer, int port) implements Medium {}

    /**
     * UDP broadcast on an interface.
     *
     * @param port 1 to 65535, from the last {@code udpport} line above
     */
    record Bcast(String link, int port) implements Medium {}

    /**
     * UDP multicast on an interface.
     *
     * @param group IPv4 for {@code mcast}, IPv6 for {@code mcast6}
     * @param port 1 to 65535; {@code udpport} has no say here
     * @param ttl 0 to 255 routers that may be passed
     * @param loop whether the sender hears itself
     */
    record Mcast(String link, IpAddress group, int port, int ttl, boolean loop) implements Medium {}

    /**
     * A serial line between both nodes. HALVS carries nothing on it.
     *
     * @param baud bits a second
     */
    record Serial(String link, int baud) implements Medium {}
}
