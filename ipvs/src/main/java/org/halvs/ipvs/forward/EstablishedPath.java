package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.PacketView;

/**
 * What nearly every packet to a masqueraded server is: one of a connection that stays in its state, complete, in its place, for a server to which the
 * way is known. Does with it what {@link InboundPath} would do, but asks everything that could forbid that beforehand, so that the rest is a single run
 * of arithmetic. Everything else is left to {@link InboundPath}, untouched.
 */
final class EstablishedPath {
    /** A connection with any of these is not masqueraded, or a packet changes it. */
    private static final int OTHERWISE = ConnectionFlag.METHOD
            | ConnectionFlag.NO_OUTPUT
            | ConnectionFlag.NO_CLIENT_PORT
            | ConnectionFlag.ONE_PACKET;

    private final Connections connections;
    private final ConnectionTable table;
    private final Network network;
    private final Transmitter transmitter;
    private final SyncedConnections sync;

    EstablishedPath(Connections connections, Network network, Transmitter transmitter, SyncedConnections sync) {
        this.connections = connections;
        this.table = connections.table;
        this.network = network;
        this.transmitter = transmitter;
        this.sync = sync;
    }

    /**
     * Counts, translates and sends the packet in hand.
     *
     * @param server of the connection; in its service's list
     * @return whether that was all there was to do; when not, nothing was done
     */
    boolean forward(Work work, int connection, ServerEntry server) {
        PacketView packet = work.view;
        int flags = table.flags(connection);
        int millis = connections.steadyMillis(table.state(connection), packet);
        Hop hop = server.hop(network, work.nowNanos);
        int length = packet.length();
        boolean ordinary = (flags & OTHERWISE) == 0
                && millis >= 0
                && packet.ttl > 1
                && !packet.hasOptions()
                && packet.destinationPort != FtpApplication.FTP
                && length <= server.mtu()
                && hop.reachable
                && !hop.local
                && work.largestFragment == 0
                && work.offload.isNone();
        if (!ordinary) {
            return false;
        }
        int packets = table.packet(connection, millis, work.nowNanos);
        // asked up here, where the compiler still takes it into this path; a call for every packet costs a fiftieth of
        // it
        boolean due = sync.mayBeDue(flags, packets);
        connections.countIn(server, 1, length);
        AddressRewriter.destinationOfRouted(
                work,
                packet.ipv4 ? 0 : table.destinationHigh(connection),
                table.destinationLow(connection),
                table.destinationPort(connection));
        transmitter.frame(work.out, packet.segment, packet.l3, length, packet.ipv4, hop, work.offload);
        if (due) {
            sync.packet(connection, flags, packets, work.nowNanos);
        }
        return true;
    }
}
