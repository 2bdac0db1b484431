package org.halvs.linux;

import java.util.Collection;

/**
 * Keeps this machine from saying, by ARP or neighbour discovery, that it has certain addresses, while it has them: packets that are still
 * sent to it are still taken, but nobody new finds it. Confined to one thread at a time.
 */
public interface NeighbourSilence extends AutoCloseable {

    /**
     * Keeps silent about exactly these addresses from now on; leaves nothing behind when there are none.
     *
     * @throws LinuxException when the kernel refuses; what it keeps silent about is then undefined until the next call succeeds
     */
    void about(Collection<IpAddress> addresses);

    /** Gives the connection to the kernel back. The silence stays until somebody ends it. */
    @Override
    void close();
}
