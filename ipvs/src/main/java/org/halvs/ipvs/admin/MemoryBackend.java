package org.halvs.ipvs.admin;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Timeouts;
import org.halvs.linux.IpAddress;

/** A table in memory with figures that are given to it; nothing is forwarded. Confined to one thread. */
public final class MemoryBackend implements AdminBackend {
    /** The upper 10 bits of {@code fe80::/10}. */
    private static final long LINK_LOCAL = 0xfe80 >>> 6;
    /** What stands before the address in {@code ::ffff:0:0/96}. */
    private static final long MAPPED = 0xffff;

    private static final IpAddress LIMITED_BROADCAST = IpAddress.of("255.255.255.255");

    private final List<IpAddress> broadcasts;
    private final SyncDaemons daemons;
    private ForwardingTable table = ForwardingTable.EMPTY;
    private ForwardingStats stats = ForwardingStats.EMPTY;
    private List<ConnectionEntry> connections = List.of();
    private Timeouts timeouts = Timeouts.DEFAULT;

    /** A machine without interfaces. */
    public MemoryBackend() {
        this(List.of(), List.of());
    }

    /**
     * @param interfaces names on which synchronisation daemons can run
     * @param broadcasts the broadcast addresses of the networks of the machine
     */
    public MemoryBackend(List<String> interfaces, List<IpAddress> broadcasts) {
        this.daemons = new SyncDaemons(List.copyOf(interfaces)::contains);
        this.broadcasts = List.copyOf(broadcasts);
    }

    /** Gives the figures that listings show from now on. */
    public void show(ForwardingStats newStats, List<ConnectionEntry> newConnections) {
        this.stats = newStats;
        this.connections = List.copyOf(newConnections);
    }

    @Override
    public ForwardingTable table() {
        return table;
    }

    @Override
    public void apply(ForwardingTable newTable) {
        this.table = newTable;
    }

    @Override
    public boolean usableAsServer(IpAddress address) {
        return isUnicast(address) && !broadcasts.contains(address);
    }

    /** Whether an address can be that of a real server, as far as the address alone tells: link-local and IPv4-mapped ones can't. */
    public static boolean isUnicast(IpAddress address) {
        boolean elsewhere = address.isIpv4()
                || address.high() >>> 54 != LINK_LOCAL && (address.high() != 0 || address.low() >>> 32 != MAPPED);
        return elsewhere && !address.isAny() && !address.isMulticast() && !address.equals(LIMITED_BROADCAST);
    }

    @Override
    public ForwardingStats stats() {
        return stats;
    }

    @Override
    public ConnectionPage connections(int from) {
        return ConnectionPage.of(connections, from, Integer.MAX_VALUE);
    }

    @Override
    public Timeouts timeouts() {
        return timeouts;
    }

    @Override
    public void changeTimeouts(Timeouts newTimeouts) {
        this.timeouts = newTimeouts;
    }

    @Override
    public List<SyncDaemon> syncDaemons() {
        return daemons.running();
    }

    @Override
    public Optional<KernelError> startSyncDaemon(SyncDaemon daemon) {
        return daemons.start(daemon);
    }

    @Override
    public Optional<KernelError> stopSyncDaemon(SyncDaemon.Role role) {
        return daemons.stop(role);
    }
}
