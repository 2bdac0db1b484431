package org.halvs.linux;

import java.util.List;
import java.util.Optional;

/**
 * The kernel's interfaces, addresses, routes and neighbours in one network namespace, {@code rtnetlink(7)}.
 * Thread-safe; every method asks the kernel and answers when it has, which takes microseconds, or a few milliseconds
 * for large tables.
 *
 * <p>All methods throw {@link LinuxException} when the kernel refuses or the socket fails.
 */
public interface Rtnetlink extends AutoCloseable {

    /** Opens a connection to the kernel, for the network namespace of the calling thread. */
    static Rtnetlink open() {
        return LinuxRtnetlink.open();
    }

    /** All interfaces in the order of their index. */
    List<Link> links();

    /** All IPv4 and IPv6 addresses of all interfaces, in the kernel's order. */
    List<InterfaceAddress> addresses();

    /** The IPv4 and IPv6 routes of the tables main and local, in the kernel's order; a value for each next hop. */
    List<Route> routes();

    /** As {@link #routes}, of all tables. */
    List<Route> routesOfAllTables();

    /** The rules that choose among the tables, in the order in which they are asked. */
    List<RoutingRule> rules();

    /** The ARP and IPv6 neighbour tables of all interfaces. */
    List<Neighbour> neighbours();

    /** How the kernel would route a packet of its own to {@code destination}; empty when it has no route. */
    Optional<RouteLookup> route(IpAddress destination);

    /**
     * Makes changes in the given order, many in one system call. One that fails does not keep the others from being
     * made.
     *
     * @return one outcome for each change, in the same order
     */
    List<AddressOutcome> apply(List<AddressChange> changes);

    /**
     * Makes the kernel find out the MAC of a neighbour (ARP request or neighbour solicitation). Does not wait for the
     * answer, which appears in {@link #neighbours}; an entry that is known and fresh stays as it is.
     */
    void resolve(int linkIndex, IpAddress address);

    /**
     * Tells the kernel the MAC of a neighbour as something that was seen and not confirmed ({@code NUD_STALE}): packets
     * that wait for it go, and it is asked for after some seconds of use.
     */
    void learn(int linkIndex, IpAddress address, MacAddress mac);

    /** Sets an interface administratively up. One that is up stays as it is. */
    void setLinkUp(int linkIndex);

    /**
     * Replaces a route by one that differs only in its preferred source.
     *
     * @param route as {@link #routes} listed it; of a multipath route any of its ways
     * @param source an address of this host; empty for none
     * @throws LinuxException {@code ESRCH} when there is no such route, {@code EINVAL} when the host does not have the
     *     address
     */
    void preferSource(Route route, Optional<IpAddress> source);

    @Override
    void close();
}
