package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.KernelSync;
import org.halvs.linux.MacAddress;

/**
 * Decides about packets and rewrites them. Belongs to one thread: no method may be called by two threads at once, and every method that changes
 * something is called by the worker that processes packets.
 *
 * <p>Times are nanoseconds of a monotonic clock the caller reads once per batch; they must never go back.
 */
public interface PacketProcessor {

    /**
     * Handles one frame.
     *
     * @param packet rewritten in place; see {@link PacketBuffer} for the memory the processor may touch
     * @param out gets every frame the packet leads to before this method returns
     * @return never throws for what a packet contains, however broken
     */
    Verdict process(PacketBuffer packet, long nowNanos, FrameSink out);

    /**
     * Handles a batch as if {@link #process(PacketBuffer, long, FrameSink)} were called for one after the other. Batches of 32 to 64 are
     * fastest: the table's memory is touched for all of them first.
     *
     * @param verdicts gets the verdict of {@code packets[i]} at {@code i}; as long as {@code packets} or longer
     */
    default void process(PacketBuffer[] packets, int count, Verdict[] verdicts, long nowNanos, FrameSink out) {
        for (int i = 0; i < count; i++) {
            verdicts[i] = process(packets[i], nowNanos, out);
        }
    }

    /**
     * Learns that a frame could not be sent because its next hop does not answer; the sender of the packet may be told so.
     *
     * @param frame as it was given to {@link FrameSink#unresolved}; may be changed
     * @param out gets the frames this leads to
     */
    void undelivered(MemorySegment frame, long offset, int length, long nowNanos, FrameSink out);

    /**
     * Follows a new table. Services, real servers and connections that stand in the old and in the new one keep their counters and states; a
     * table of the revision in use changes nothing.
     */
    void table(ForwardingTable table, long nowNanos);

    /** Follows a new view of interfaces, routes and neighbours from the next packet on. */
    void network(NetworkView network);

    /** Takes frames to these MACs of other machines as if they were for this one, and to no others, from the next packet on. */
    default void adopt(Set<MacAddress> macs) {}

    /**
     * Gives packets to exactly these servers of the table to the local stack untranslated from now on. A server another table brings is not among them,
     * so this is to be called after {@link #table}.
     */
    default void redirected(Set<RedirectedServer> servers) {}

    /** Changes the settings the kernel keeps under {@code net.ipv4.vs}, from the next packet on. */
    void settings(IpvsSettings settings);

    IpvsSettings settings();

    /**
     * Lets time pass: expires connections, runs the estimator and the defences, gives up fragments. Call it at least ten times a second; a call
     * costs little when nothing is due.
     */
    void expire(long nowNanos, FrameSink out);

    /** Connections and drops as of now; counters and rates as of the estimator's last pass, up to two seconds ago, as the kernel lists them. */
    ForwardingStats stats();

    /**
     * Connections and templates, in the order of the table's memory. A page takes about a microsecond an entry, during which no packet is handled.
     *
     * @param from 0, or {@link ConnectionPage#next()} of the page before
     * @param most entries of the page at most, 1 or more; a page may have fewer though others follow
     */
    ConnectionPage connections(int from, int most, long nowNanos);

    /** All connections and templates at once. */
    default List<ConnectionEntry> connections(long nowNanos) {
        List<ConnectionEntry> all = new ArrayList<>();
        int next = 0;
        while (next != ConnectionPage.END) {
            ConnectionPage page = connections(next, Integer.MAX_VALUE, nowNanos);
            all.addAll(page.entries());
            next = page.next();
        }
        return all;
    }

    /**
     * Learns what time it is, for the timestamps that IPv4 options ask routers for. Without this they are marked as not counted from midnight.
     *
     * @param unixMillis milliseconds since 1970 at {@code nowNanos}
     */
    default void timeOfDay(long nowNanos, long unixMillis) {}

    /** Applies to each connection from its next packet on. */
    void changeTimeouts(Timeouts timeouts);

    Timeouts timeouts();

    /** Starts the counters of one service and its servers, or all when {@code key} is empty, from zero. */
    void zero(Optional<ServiceKey> key);

    /** The connections for another director; a processor without any tells and learns nothing. */
    default ConnectionSync sync() {
        return ConnectionSync.NONE;
    }

    /** The connections for directors with the kernel's daemons. */
    default KernelSync kernelSync() {
        return KernelSync.NONE;
    }

    /** What the port keeps from the local stack while the current table is in use. */
    WithheldTraffic withheld();
}
