package org.halvs.ipvs.port;

import java.util.List;

/** Lets a worker sleep until one of its ports has a frame, or another thread wakes it. */
public interface PortWaiter extends AutoCloseable {

    /** Replaces the ports waited for. Called by the worker. */
    void watch(List<PacketPort> ports);

    /**
     * Waits.
     *
     * @param timeoutMillis how long at most, 0 or more
     */
    void await(int timeoutMillis);

    /** Ends a wait, or the next one when nobody waits. May be called by any thread. */
    void wake();

    @Override
    void close();
}
