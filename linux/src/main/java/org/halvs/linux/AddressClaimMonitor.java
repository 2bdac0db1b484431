package org.halvs.linux;

import java.util.Collection;
import java.util.Optional;

/**
 * Hears who else on the network says that it has one of some addresses: ARP packets with the address as their sender
 * (RFC 5227 section 2.4), IPv6 neighbour advertisements with it as their target. The kernel's filter lets nothing else
 * through, so that waiting costs nothing. One thread waits; any thread may change the addresses and close.
 */
public interface AddressClaimMonitor extends AutoCloseable {

    /**
     * Somebody, perhaps this host itself by another of its interfaces, says that it has an address.
     *
     * @param linkIndex the interface it was heard on
     */
    record Claim(int linkIndex, IpAddress address, MacAddress mac) {}

    /**
     * Listens on all interfaces of the network namespace of the calling thread, for no address yet. What this host sends
     * is not heard.
     *
     * @throws LinuxException without {@code CAP_NET_RAW}
     */
    static AddressClaimMonitor open() {
        return LinuxAddressClaimMonitor.open();
    }

    /** Listens for these addresses from now on, and for no others. */
    void listenFor(Collection<IpAddress> addresses);

    /**
     * Waits for the next claim. Blocks a platform thread; virtual threads are refused with
     * {@link IllegalStateException}.
     *
     * @return empty once the monitor is closed
     */
    Optional<Claim> next();

    /** Ends the watch; a thread that waits in {@link #next} returns. Closing again does nothing. */
    @Override
    void close();
}
