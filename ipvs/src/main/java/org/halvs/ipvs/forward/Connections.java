package org.halvs.ipvs.forward;

import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.connection.SctpState;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.ipvs.sync.SyncRules;
import org.jspecify.annotations.Nullable;

/**
 * The life of connections: made, bound to a server, moved from state to state by packets, counted, ended. Keeps the servers' figures right, which
 * the schedulers go by ({@code ip_vs_conn.c}).
 */
final class Connections {
    /** What a new entry lives for until a packet sets its state. */
    private static final int INITIAL_MILLIS = 3000;
    /** An entry others depend on is looked at again after this time. */
    private static final int LATER_MILLIS = 60_000;

    static final int NO_CHUNK = -1;

    final ConnectionTable table;
    private final ServiceTable services;
    private final Counters total;
    private Timeouts timeouts = Timeouts.DEFAULT;
    private boolean secureTcp;
    /** Entries whose client port is not known yet. */
    private int withoutClientPort;

    private final ConnectionTable.ExpiryListener expiry = this::expired;
    private final ExtraData extra = new ExtraData();
    private final LateBinding binding;
    private final IpsecConnections ipsec;
    private OutlivedListener outlived = (_, _) -> {};

    Connections(ConnectionTable table, ServiceTable services, Counters total) {
        this.table = table;
        this.services = services;
        this.total = total;
        this.binding = new LateBinding(table, services);
        this.ipsec = new IpsecConnections(table);
    }

    /** Told of connections that were to end but have to stay because others depend on them. */
    @FunctionalInterface
    interface OutlivedListener {
        void outlived(int connection, long nowNanos);
    }

    void whenOutlived(OutlivedListener listener) {
        outlived = listener;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    void timeouts(Timeouts changed) {
        timeouts = changed;
    }

    void secureTcp(boolean on) {
        secureTcp = on;
    }

    ExtraData extra() {
        return extra;
    }

    @Nullable
    ServerEntry server(int connection) {
        ServerEntry server = services.server(table.server(connection));
        return server == null ? boundLate(connection) : server;
    }

    /** The server of a connection another director told of before the server was there. */
    private @Nullable ServerEntry boundLate(int connection) {
        if (!table.has(connection, ConnectionFlag.SYNC)) {
            return null;
        }
        ServerEntry server = binding.server(connection);
        if (server != null) {
            int method = ConnectionFlag.METHOD;
            int flags = table.flags(connection);
            if ((flags & method) != (server.methodFlags() & method)) {
                flags = flags & ~(method | ConnectionFlag.NO_OUTPUT) | server.methodFlags();
                table.flags(connection, flags);
            }
            bind(connection, server);
        }
        return server;
    }

    LateBinding binding() {
        return binding;
    }

    // ---- finding ----

    IpsecConnections ipsec() {
        return ipsec;
    }

    /** The connection of the packet in hand, when a client sent it. */
    int inbound(Work work) {
        return inbound(work.view, work.hashedSide == Work.SOURCE ? first(work) : firstOfSource(work.view));
    }

    /** The connection of a packet from a client. */
    int inbound(PacketView packet) {
        return packet.hasPorts ? inbound(packet, firstOfSource(packet)) : ipsec.inbound(packet);
    }

    private int firstOfSource(PacketView packet) {
        return table.first(packet.protocol, packet.sourceHigh, packet.sourceLow, packet.sourcePort);
    }

    /** Where a look-up by the packet's hash begins; found ahead, unless the table changed since. */
    private int first(Work work) {
        return work.firstChanges == table.changes() ? work.first : table.first(work.hash);
    }

    private int inbound(PacketView packet, int first) {
        int found = table.findInbound(
                first,
                !packet.ipv4,
                packet.protocol,
                packet.sourceHigh,
                packet.sourceLow,
                packet.sourcePort,
                packet.destinationHigh,
                packet.destinationLow,
                packet.destinationPort);
        if (found == ConnectionTable.NONE && withoutClientPort > 0) {
            found = table.findInbound(
                    table.first(packet.protocol, packet.sourceHigh, packet.sourceLow, 0),
                    !packet.ipv4,
                    packet.protocol,
                    packet.sourceHigh,
                    packet.sourceLow,
                    0,
                    packet.destinationHigh,
                    packet.destinationLow,
                    packet.destinationPort);
        }
        return found;
    }

    /** The connection of the packet in hand, when a server sent it. */
    int outbound(Work work) {
        PacketView packet = work.view;
        return table.findOutbound(
                work.hashedSide == Work.DESTINATION
                        ? first(work)
                        : table.first(
                                packet.protocol, packet.destinationHigh, packet.destinationLow, packet.destinationPort),
                !packet.ipv4,
                packet.protocol,
                packet.destinationHigh,
                packet.destinationLow,
                packet.destinationPort,
                packet.sourceHigh,
                packet.sourceLow,
                packet.sourcePort);
    }

    /** The connection whose reply an ICMP error from the client's side quotes: client and service stand the other way round. */
    int inboundOfReply(PacketView quoted) {
        if (!quoted.hasPorts) {
            return ipsec.inboundOfReply(quoted);
        }
        return table.findInbound(
                table.first(quoted.protocol, quoted.destinationHigh, quoted.destinationLow, quoted.destinationPort),
                !quoted.ipv4,
                quoted.protocol,
                quoted.destinationHigh,
                quoted.destinationLow,
                quoted.destinationPort,
                quoted.sourceHigh,
                quoted.sourceLow,
                quoted.sourcePort);
    }

    /** The connection whose request, as the server got it, an ICMP error from the server's side quotes. */
    int outboundOfRequest(PacketView quoted) {
        if (!quoted.hasPorts) {
            return ipsec.outboundOfRequest(quoted);
        }
        return table.findOutbound(
                table.first(quoted.protocol, quoted.sourceHigh, quoted.sourceLow, quoted.sourcePort),
                !quoted.ipv4,
                quoted.protocol,
                quoted.sourceHigh,
                quoted.sourceLow,
                quoted.sourcePort,
                quoted.destinationHigh,
                quoted.destinationLow,
                quoted.destinationPort);
    }

    // ---- making ----

    /**
     * Makes an entry and binds it to a server.
     *
     * @param flags of {@link ConnectionFlag}: TEMPLATE, ONE_PACKET, NO_CLIENT_PORT; method and activity come from the server
     * @param port of the server for this connection
     * @return {@link ConnectionTable#NONE} when the table is full
     */
    int create(
            int flags,
            boolean ipv4,
            int protocol,
            long clientHigh,
            long clientLow,
            int clientPort,
            long virtualHigh,
            long virtualLow,
            int virtualPort,
            @Nullable ServerEntry server,
            int port,
            long mark,
            long nowNanos) {
        int all = flags | (ipv4 ? 0 : ConnectionFlag.IPV6);
        if (server != null) {
            all |= server.methodFlags() | ConnectionFlag.INACTIVE;
            if (server.address().isIpv4() != ipv4) {
                all |= ConnectionFlag.OTHER_FAMILY;
            }
        }
        int connection = table.add(
                all,
                protocol,
                clientHigh,
                clientLow,
                clientPort,
                virtualHigh,
                virtualLow,
                virtualPort,
                INITIAL_MILLIS,
                nowNanos);
        if (connection == ConnectionTable.NONE) {
            return connection;
        }
        table.mark(connection, (int) mark);
        if ((flags & ConnectionFlag.NO_CLIENT_PORT) != 0) {
            withoutClientPort++;
        }
        if (server != null) {
            table.destination(
                    connection, server.address().high(), server.address().low(), port);
            bind(connection, server);
        }
        return connection;
    }

    private void bind(int connection, ServerEntry server) {
        table.server(connection, server.number);
        table.flags(connection, table.flags(connection) | ConnectionFlag.BOUND);
        server.references++;
        if (table.isTemplate(connection)) {
            server.persistent++;
        } else if (table.has(connection, ConnectionFlag.INACTIVE)) {
            server.count(0, 1);
        } else {
            server.count(1, 0);
        }
        server.checkUpper();
    }

    private void unbind(int connection) {
        ServerEntry server = services.server(table.server(connection));
        if (server == null) {
            return;
        }
        server.references--;
        if (table.isTemplate(connection)) {
            server.persistent--;
        } else if (table.has(connection, ConnectionFlag.INACTIVE)) {
            server.count(0, -1);
        } else {
            server.count(-1, 0);
        }
        server.checkLower();
        table.server(connection, ConnectionTable.NONE);
    }

    /** Fills in the client's port of an entry that waited for it. */
    void clientPortKnown(int connection, int port) {
        table.rekey(connection, port, table.virtualPort(connection), table.destinationPort(connection));
        table.flags(connection, table.flags(connection) & ~ConnectionFlag.NO_CLIENT_PORT);
        withoutClientPort--;
    }

    // ---- states ----

    /**
     * Moves a connection on by a packet of its own protocol; the new state's timeout counts from the next {@link #keep}. Answers the connection's
     * flags as they are then.
     */
    int advance(int connection, int direction, PacketView packet) {
        int flags = table.flags(connection);
        if (packet.protocol == IpProtocol.SCTP && chunk(packet, 0) == NO_CHUNK) {
            return flags; // says nothing: neither the state nor its timeout changes
        }
        int way = direction;
        if ((flags & ConnectionFlag.NO_OUTPUT) != 0) {
            if (direction == TcpState.OUTPUT) {
                flags &= ~ConnectionFlag.NO_OUTPUT;
                table.flags(connection, flags);
            } else {
                way = TcpState.INPUT_ONLY;
            }
        }
        int state = table.state(connection);
        switch (packet.protocol) {
            case IpProtocol.TCP -> {
                int next = TcpState.next(secureTcp, way, state, packet.tcpFlags);
                if (next != state) {
                    activity(connection, TcpState.isActive(next));
                    if (next == TcpState.ESTABLISHED.ordinal()) {
                        assureTemplate(connection);
                    }
                    table.state(connection, next);
                    tell(connection, SyncRules.isToldAtOnce(IpProtocol.TCP, next));
                    flags = table.flags(connection);
                }
                table.timeoutMillis(connection, tcpMillis(next));
            }
            case IpProtocol.SCTP -> {
                int next = SctpState.next(way, state, chunk(packet, 0), chunk(packet, 1));
                if (next != state) {
                    activity(connection, SctpState.isActive(next));
                    if (next == SctpState.ESTABLISHED.ordinal()) {
                        assureTemplate(connection);
                    }
                    table.state(connection, next);
                    tell(connection, SyncRules.isToldAtOnce(IpProtocol.SCTP, next));
                    flags = table.flags(connection);
                }
                table.timeoutMillis(connection, SctpState.of(next).timeoutSeconds() * 1000);
            }
            default -> {
                table.timeoutMillis(connection, timeouts.udpSeconds() * 1000);
                if (direction == TcpState.OUTPUT) {
                    assureTemplate(connection);
                }
            }
        }
        return flags;
    }

    /** How long a connection lives without a packet in a state of its protocol. */
    int timeoutMillis(int protocol, int state) {
        return switch (protocol) {
            case IpProtocol.TCP -> tcpMillis(state);
            case IpProtocol.SCTP -> SctpState.of(state).timeoutSeconds() * 1000;
            default -> timeouts.udpSeconds() * 1000;
        };
    }

    /** How long a connection lives on after a packet from the client that leaves it in its state; -1 when the packet may not. */
    int steadyMillis(int state, PacketView packet) {
        return switch (packet.protocol) {
            case IpProtocol.TCP ->
                TcpState.next(secureTcp, TcpState.INPUT, state, packet.tcpFlags) == state ? tcpMillis(state) : -1;
            case IpProtocol.UDP -> timeouts.udpSeconds() * 1000;
            default -> -1;
        };
    }

    private int tcpMillis(int state) {
        if (state == TcpState.ESTABLISHED.ordinal()) {
            return timeouts.tcpSeconds() * 1000;
        }
        if (state == TcpState.FIN_WAIT.ordinal()) {
            return timeouts.tcpFinSeconds() * 1000;
        }
        return TcpState.of(state).timeoutSeconds() * 1000;
    }

    /** The type of the first or second chunk of an SCTP packet, {@link #NO_CHUNK} when there is none. */
    static int chunk(PacketView packet, int number) {
        long at = packet.l4 + Sctp.HEADER;
        if (at + 4 > packet.end) {
            return NO_CHUNK;
        }
        if (number == 0) {
            return Wire.u8(packet.segment, at);
        }
        int length = Wire.u16(packet.segment, at + 2);
        at += (length + 3L) / 4 * 4;
        return length < 4 || at + 4 > packet.end ? NO_CHUNK : Wire.u8(packet.segment, at);
    }

    /** Counts a connection as active from now on, or as inactive. */
    void activity(int connection, boolean active) {
        int flags = table.flags(connection);
        ServerEntry server = services.server(table.server(connection));
        boolean inactive = (flags & ConnectionFlag.INACTIVE) != 0;
        if (inactive != active || server == null && (flags & ConnectionFlag.SYNC) == 0) {
            return;
        }
        if (server != null) {
            server.count(active ? 1 : -1, active ? -1 : 1);
        }
        table.flags(connection, flags ^ ConnectionFlag.INACTIVE);
    }

    /** The other director has to hear of a new state at once, and of a template's connection as soon as it counts. */
    void tell(int connection, boolean atOnce) {
        int flags = table.flags(connection);
        boolean due = atOnce || table.control(connection) != ConnectionTable.NONE;
        int changed = due ? flags | ConnectionFlag.SYNC_DUE : flags & ~ConnectionFlag.SYNC_DUE;
        if (changed != flags) {
            table.flags(connection, changed);
        }
    }

    /** Gives a connection another destination and no server. */
    void retarget(int connection, long high, long low, int port) {
        unbind(connection);
        table.destination(connection, high, low, port);
        table.flags(connection, table.flags(connection) & ~ConnectionFlag.BOUND | ConnectionFlag.SYNC);
    }

    private void assureTemplate(int connection) {
        int control = table.control(connection);
        if (control != ConnectionTable.NONE && table.isTemplate(control)) {
            table.state(control, 1);
        }
    }

    // ---- counting ----

    void countIn(@Nullable ServerEntry server, Work work) {
        countIn(server, work.wirePackets(), work.view.length());
    }

    void countIn(@Nullable ServerEntry server, int packets, int bytes) {
        ServiceEntry service = server == null ? null : server.service;
        if (server != null && service != null) {
            server.counters.in(bytes, packets);
            service.counters.in(bytes, packets);
            total.in(bytes, packets);
        }
    }

    void countOut(int connection, Work work) {
        countOut(connection, work.wirePackets(), work.view.length());
    }

    void countOut(int connection, int packets, int bytes) {
        ServerEntry server = server(connection);
        ServiceEntry service = server == null ? null : server.service;
        if (server != null && service != null) {
            server.counters.out(bytes, packets);
            service.counters.out(bytes, packets);
            total.out(bytes, packets);
        }
    }

    void countNew(int connection, ServiceEntry service) {
        ServerEntry server = server(connection);
        if (server != null) {
            server.counters.connection();
        }
        service.counters.connection();
        total.connection();
    }

    // ---- ending ----

    /** A packet is done with the connection: its timer starts anew, or it ends when it was for one packet only. */
    void keep(int connection, int flags, long nowNanos) {
        if ((flags & ConnectionFlag.ONE_PACKET) != 0) {
            end(connection, nowNanos);
        } else {
            table.restart(connection, nowNanos);
        }
    }

    /** Ends a connection now. One that others depend on is only given up when its time comes. */
    void end(int connection, long nowNanos) {
        if (table.controlled(connection) > 0) {
            // COMPAT: for good: a template that was once looked at so lives on by minutes, whatever its service says.
            table.timeoutMillis(connection, LATER_MILLIS);
            table.restartIn(connection, LATER_MILLIS, nowNanos);
            outlived.outlived(connection, nowNanos);
            return;
        }
        int control = table.control(connection);
        if (control != ConnectionTable.NONE) {
            table.control(connection, ConnectionTable.NONE);
        }
        unbind(connection);
        if (table.has(connection, ConnectionFlag.NO_CLIENT_PORT)) {
            withoutClientPort--;
        }
        extra.forget(table.extra(connection));
        table.remove(connection);
    }

    /**
     * As {@link #end}, for a connection that is thrown out ({@code ip_vs_conn_del}): what controlled it goes with its last connection, unless it
     * is a template that has been assured.
     */
    void drop(int connection, long nowNanos) {
        int dropped = connection;
        while (dropped != ConnectionTable.NONE) {
            int control = table.controlled(dropped) > 0 ? ConnectionTable.NONE : table.control(dropped);
            end(dropped, nowNanos);
            boolean goesToo = control != ConnectionTable.NONE
                    && table.controlled(control) == 0
                    && (!table.isTemplate(control) || table.state(control) == 0);
            dropped = goesToo ? control : ConnectionTable.NONE;
        }
    }

    private void expired(int connection, long nowNanos) {
        end(connection, nowNanos);
    }

    void expire(long nowNanos) {
        table.expire(nowNanos, expiry);
    }

    /** Gives up a template: nothing finds it any more, and it ends when its time comes. */
    void invalidate(int template) {
        table.rekey(template, 0, 0xffff, 0xffff);
        table.flags(template, table.flags(template) | ConnectionFlag.INVALIDATED);
    }
}
