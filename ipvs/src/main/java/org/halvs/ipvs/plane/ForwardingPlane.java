package org.halvs.ipvs.plane;

import java.util.Optional;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;

/** Makes traffic follow a table. Thread-safe: every method may be called from any thread and returns quickly. */
public interface ForwardingPlane extends AutoCloseable {

    /** What the plane is and why it was chosen, for the log and the status: {@code AF_PACKET rings on eth0, eth1}. */
    String description();

    /** Replaces the whole table. Connections of servers that stay go on. */
    void publish(ForwardingTable table);

    /** The table published last. */
    ForwardingTable table();

    /** The figures now; the counters are those of the last pass of the estimator, every 2 s, as the kernel's are. */
    ForwardingStats stats();

    /**
     * A part of the connections and templates now, in no particular order. Whoever wants all of them, however many there are, asks for page after
     * page.
     *
     * @param from 0, or {@link ConnectionPage#next()} of the page before
     * @param most how many entries a page is to have, 1 or more; it may have fewer though others follow, and more where they come all at once
     */
    ConnectionPage connections(int from, int most);

    Timeouts timeouts();

    /** Applies from the next packet of each connection on. */
    void changeTimeouts(Timeouts timeouts);

    /** Starts the counters of one service and its servers from zero again, or all of them when {@code key} is empty. */
    void zero(Optional<ServiceKey> key);

    /** Stops forwarding, drops all connections, and leaves the kernel as it was found. */
    @Override
    void close();
}
