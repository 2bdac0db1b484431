package org.halvs.ipvs.admin;

import java.util.Optional;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;

/** A command line of ipvsadm that made sense to ipvsadm itself; whether the table can follow it is {@link TableEditor}'s to say. */
public sealed interface AdminCommand {

    /** A command that changes the table. */
    sealed interface TableCommand extends AdminCommand {}

    record AddService(ServiceRequest request) implements TableCommand {}

    /** Replaces all settings of a service and keeps its servers. */
    record EditService(ServiceRequest request) implements TableCommand {}

    record DeleteService(ServiceKey key) implements TableCommand {}

    record Flush() implements TableCommand {}

    record AddServer(ServiceKey key, RealServer server) implements TableCommand {}

    /** Replaces all settings of the server with the same address and port. */
    record EditServer(ServiceKey key, RealServer server) implements TableCommand {}

    /** Only the address and the port of {@code server} count. */
    record DeleteServer(ServiceKey key, RealServer server) implements TableCommand {}

    record Show(ListOptions options) implements AdminCommand {}

    record Save(boolean numeric) implements AdminCommand {}

    /** Executes the commands on standard input. */
    record Restore() implements AdminCommand {}

    /** Counters from zero, of one service or of everything. */
    record Zero(Optional<ServiceKey> key) implements AdminCommand {}

    /** Seconds each; 0 leaves a timeout as it is. */
    record SetTimeouts(int tcpSeconds, int tcpFinSeconds, int udpSeconds) implements AdminCommand {}

    record StartDaemon(SyncDaemon daemon) implements AdminCommand {}

    record StopDaemon(SyncDaemon.Role role) implements AdminCommand {}

    record Help() implements AdminCommand {}

    record Version() implements AdminCommand {}
}
