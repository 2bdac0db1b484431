package org.halvs.linux;

import java.util.Optional;

/** Watches links, addresses, routes and neighbours for changes by whomever. One thread waits; any thread may close. */
public interface NetworkMonitor extends AutoCloseable {

    /**
     * Begins to watch, in the network namespace of the calling thread. Changes from now on are noticed, also those
     * before the first {@link #next}.
     *
     * @param kinds at least one
     * @throws LinuxException when the kernel refuses
     */
    static NetworkMonitor open(NetworkChange.Kind... kinds) {
        return LinuxNetworkMonitor.open(kinds);
    }

    /**
     * Waits for the next change. All that is pending is told as one. Blocks a platform thread; virtual threads are
     * refused with {@link IllegalStateException}.
     *
     * @return empty once the monitor is closed
     */
    Optional<NetworkChange> next();

    /** Ends the watch; a thread that waits in {@link #next} returns. Closing again does nothing. */
    @Override
    void close();
}
