package org.halvs.ipvs.admin;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.linux.IpAddress;

/** What ipvsadm works on, in the kernel's place. */
public interface AdminBackend {

    ForwardingTable table();

    /** Makes traffic follow {@code table} from now on. */
    void apply(ForwardingTable table);

    /**
     * Changes the table in one step: nobody else's change comes between reading and applying. A backend of several threads has to say how.
     *
     * @param change pure; answers the very table it is given when nothing is to be changed
     */
    default void edit(UnaryOperator<ForwardingTable> change) {
        ForwardingTable before = table();
        ForwardingTable after = change.apply(before);
        if (after != before) {
            apply(after);
        }
    }

    /** Whether an address is unicast or one of this machine's own; others are refused as real servers. */
    boolean usableAsServer(IpAddress address);

    /** The figures; all zero where nothing is forwarded. */
    default ForwardingStats stats() {
        return ForwardingStats.EMPTY;
    }

    /**
     * A part of the connections and templates; they are too many for one list.
     *
     * @param from 0, or {@link ConnectionPage#next()} of the page before
     */
    default ConnectionPage connections(int from) {
        return new ConnectionPage(List.of(), ConnectionPage.END);
    }

    Timeouts timeouts();

    void changeTimeouts(Timeouts timeouts);

    /**
     * Starts the counters of one service and its servers from zero again, or all of them when {@code key} is empty. Does nothing where nothing
     * counts.
     */
    default void zero(Optional<ServiceKey> key) {}

    /** The synchronisation daemons that run, the master before the backup; none where there can be none. */
    default List<SyncDaemon> syncDaemons() {
        return List.of();
    }

    /** Starts a synchronisation daemon; the answer is why that is not possible, or empty. */
    default Optional<KernelError> startSyncDaemon(SyncDaemon daemon) {
        return Optional.of(KernelError.ENOPROTOOPT);
    }

    /** Stops a synchronisation daemon; the answer is why that is not possible, or empty. */
    default Optional<KernelError> stopSyncDaemon(SyncDaemon.Role role) {
        return Optional.of(KernelError.ESRCH);
    }

    /** What listings show as the size of the connection table. */
    default int connectionTableSize() {
        return TableListing.DEFAULT_SIZE;
    }
}
