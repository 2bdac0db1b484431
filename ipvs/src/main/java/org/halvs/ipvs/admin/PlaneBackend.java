package org.halvs.ipvs.admin;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.plane.ForwardingPlane;
import org.halvs.linux.IpAddress;

/** A running plane. It has no synchronisation daemons of the kernel's kind: starting one fails with "Protocol not available". */
public final class PlaneBackend implements AdminBackend {
    private final ForwardingPlane plane;
    private final Predicate<IpAddress> usableAsServer;

    /** @param usableAsServer see {@link AdminBackend#usableAsServer} */
    public PlaneBackend(ForwardingPlane plane, Predicate<IpAddress> usableAsServer) {
        this.plane = plane;
        this.usableAsServer = usableAsServer;
    }

    @Override
    public ForwardingTable table() {
        return plane.table();
    }

    @Override
    public void apply(ForwardingTable table) {
        plane.publish(table);
    }

    @Override
    public boolean usableAsServer(IpAddress address) {
        return usableAsServer.test(address);
    }

    @Override
    public ForwardingStats stats() {
        return plane.stats();
    }

    @Override
    public List<ConnectionEntry> connections() {
        return plane.connections();
    }

    @Override
    public Timeouts timeouts() {
        return plane.timeouts();
    }

    @Override
    public void changeTimeouts(Timeouts timeouts) {
        plane.changeTimeouts(timeouts);
    }

    @Override
    public void zero(Optional<ServiceKey> key) {
        plane.zero(key);
    }

    @Override
    public List<SyncDaemon> syncDaemons() {
        return List.of();
    }

    @Override
    public Optional<KernelError> startSyncDaemon(SyncDaemon daemon) {
        return Optional.of(KernelError.ENOPROTOOPT);
    }

    @Override
    public Optional<KernelError> stopSyncDaemon(SyncDaemon.Role role) {
        return Optional.of(KernelError.ESRCH);
    }
}
