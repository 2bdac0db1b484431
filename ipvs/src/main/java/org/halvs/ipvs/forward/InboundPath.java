package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.connection.SctpState;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Tcp;
import org.jspecify.annotations.Nullable;

/** From client to server: finds or makes the connection and sends the packet by the server's method ({@code ip_vs_in_hook}). */
final class InboundPath {
    private static final int MIN_IPV4_MTU = 68;

    private final Connections connections;
    private final ConnectionTable table;
    private final ConnectionScheduler scheduler;
    private final Network network;
    private final Transmitter transmitter;
    private final TunnelTransmitter tunnels;
    private final IcmpErrors errors;
    private final Defence defence;
    private final FtpApplication ftp;
    private final SyncedConnections sync;
    private final EstablishedPath established;
    private final Hop hop = new Hop();
    private IpvsSettings settings = IpvsSettings.DEFAULT;

    InboundPath(
            Connections connections,
            ConnectionScheduler scheduler,
            Network network,
            Transmitter transmitter,
            TunnelTransmitter tunnels,
            IcmpErrors errors,
            Defence defence,
            FtpApplication ftp,
            SyncedConnections sync) {
        this.connections = connections;
        this.table = connections.table;
        this.scheduler = scheduler;
        this.network = network;
        this.transmitter = transmitter;
        this.tunnels = tunnels;
        this.errors = errors;
        this.defence = defence;
        this.ftp = ftp;
        this.sync = sync;
        this.established = new EstablishedPath(connections, network, transmitter, sync);
    }

    void settings(IpvsSettings changed) {
        settings = changed;
    }

    /** Handles the packet in hand, which is of a protocol with ports. */
    Verdict process(Work work) {
        int connection = connections.inbound(work);
        if (connection == ConnectionTable.NONE) {
            return start(work);
        }
        if (startsAnew(work.view) && isToBeRescheduled(connection)) {
            boolean ends = table.controlled(connection) == 0;
            // COMPAT: a timer ends the old one behind this packet (ip_vs_conn_expire_now), so the scheduler still
            // counts it.
            Verdict verdict = start(work);
            if (ends) {
                connections.end(connection, work.nowNanos);
            }
            return verdict;
        }
        ServerEntry server = connections.server(connection);
        if (server != null && !server.isAvailable()) {
            if (!settings.on(Setting.EXPIRE_NODEST_CONN)) {
                return DropReason.DESTINATION_GONE;
            }
            connections.end(connection, work.nowNanos);
            return start(work);
        }
        if (server != null && established.forward(work, connection, server)) {
            return Verdict.Accepted.FORWARDED;
        }
        return forward(work, connection, server);
    }

    /**
     * Handles the packet in hand, whose transport header ends behind the ports. It can't make a connection, but belongs to one, where it counts and
     * goes on unless it had to be translated; it says nothing about the state.
     */
    Verdict processCutOff(Work work) {
        int connection = connections.inbound(work);
        if (connection == ConnectionTable.NONE) {
            return DropReason.MALFORMED;
        }
        ServerEntry server = connections.server(connection);
        if (server != null && !server.isAvailable()) {
            return DropReason.DESTINATION_GONE;
        }
        connections.countIn(server, work);
        int flags = table.flags(connection);
        boolean translates = (flags & ConnectionFlag.METHOD) == ConnectionFlag.MASQUERADE;
        Verdict verdict = translates
                ? untranslatable(work, connection, server)
                : transmit(work, connection, flags, server, false);
        table.countInPacket(connection);
        connections.keep(connection, flags, work.nowNanos);
        return verdict;
    }

    /** The way is found before the packet turns out to have nothing to translate. */
    private Verdict untranslatable(Work work, int connection, @Nullable ServerEntry server) {
        Hop way = way(work, connection, server);
        Verdict refusal = way.local ? null : admit(work, way, server == null ? way.mtu : server.mtu(), false);
        return refusal == null ? DropReason.MALFORMED : refusal;
    }

    /** Handles a packet that has no connection, or is to have another. */
    private Verdict start(Work work) {
        PacketView packet = work.view;
        if (Network.isMartianSource(packet.ipv4, packet.sourceHigh, packet.sourceLow)) {
            return DropReason.MARTIAN;
        }
        if (packet.protocol == IpProtocol.SCTP && Connections.chunk(packet, 0) == Connections.NO_CHUNK) {
            return DropReason.MALFORMED;
        }
        ServiceEntry service = mayStart(packet) ? scheduler.service(work, packet) : null;
        if (service == null) {
            return Verdict.Accepted.LOCAL;
        }
        if (defence.dropsPacket()) {
            return DropReason.DEFENCE;
        }
        int connection = scheduler.schedule(work, packet, service);
        return connection < 0
                ? refused(work, service, connection)
                : forward(work, connection, connections.server(connection));
    }

    /** Counts the packet, moves the connection on and sends. */
    private Verdict forward(Work work, int connection, @Nullable ServerEntry server) {
        connections.countIn(server, work);
        int flags = connections.advance(connection, TcpState.INPUT, work.view);
        if ((flags & ConnectionFlag.NO_CLIENT_PORT) != 0) {
            connections.clientPortKnown(connection, work.view.sourcePort);
        }
        Verdict verdict = transmit(work, connection, flags, server, false);
        int packets = table.countInPacket(connection);
        sync.packet(connection, flags, packets, work.nowNanos);
        connections.keep(connection, flags, work.nowNanos);
        return verdict;
    }

    private Verdict refused(Work work, ServiceEntry service, int answer) {
        return switch (answer) {
            case ConnectionScheduler.NOT_OURS -> Verdict.Accepted.LOCAL;
            case ConnectionScheduler.FULL -> DropReason.TABLE_FULL;
            case ConnectionScheduler.NO_KEY -> DropReason.NO_PERSISTENCE_KEY;
            default -> noServer(work, service);
        };
    }

    private Verdict noServer(Work work, ServiceEntry service) {
        PacketView packet = work.view;
        if (settings.on(Setting.CACHE_BYPASS)
                && service.mark() != 0
                && network.isAnothers(packet.ipv4, packet.destinationHigh, packet.destinationLow)) {
            boolean single = service.service.onePacket() && packet.protocol == IpProtocol.UDP;
            int connection = connections.create(
                    ConnectionFlag.BYPASS | (single ? ConnectionFlag.ONE_PACKET : 0), // as if replies came by here
                    packet.ipv4,
                    packet.protocol,
                    packet.sourceHigh,
                    packet.sourceLow,
                    packet.sourcePort,
                    packet.destinationHigh,
                    packet.destinationLow,
                    packet.destinationPort,
                    null,
                    0,
                    work.mark,
                    work.nowNanos);
            return connection == ConnectionTable.NONE ? DropReason.TABLE_FULL : forward(work, connection, null);
        }
        if (ConnectionScheduler.isStrayOfFtp(service, packet.destinationPort)) {
            return Verdict.Accepted.LOCAL;
        }
        errors.portUnreachable(work, IcmpErrors.From.SERVICE);
        return DropReason.NO_DESTINATION;
    }

    /** Whether a packet may make a connection. */
    private boolean mayStart(PacketView packet) {
        return switch (packet.protocol) {
            case IpProtocol.TCP -> {
                int flags = packet.tcpFlags;
                yield (flags & Tcp.RST) == 0 && ((flags & Tcp.SYN) != 0 || settings.on(Setting.SLOPPY_TCP));
            }
            case IpProtocol.SCTP -> {
                int chunk = Connections.chunk(packet, 0);
                yield chunk == Sctp.INIT || settings.on(Setting.SLOPPY_SCTP) && chunk != Sctp.ABORT;
            }
            default -> true;
        };
    }

    private static boolean startsAnew(PacketView packet) {
        return switch (packet.protocol) {
            case IpProtocol.TCP -> (packet.tcpFlags & Tcp.SYN) != 0;
            case IpProtocol.SCTP -> Connections.chunk(packet, 0) == Sctp.INIT;
            default -> false;
        };
    }

    private boolean isToBeRescheduled(int connection) {
        ServerEntry server = connections.server(connection);
        if (settings.on(Setting.EXPIRE_NODEST_CONN) && server != null && server.weight() == 0) {
            return true;
        }
        int mode = settings.value(Setting.CONN_REUSE_MODE);
        if (mode == 0 || table.control(connection) != ConnectionTable.NONE) {
            return false;
        }
        int state = table.state(connection);
        if (table.protocol(connection) == IpProtocol.SCTP) {
            return state == SctpState.CLOSED.ordinal();
        }
        return state == TcpState.TIME_WAIT.ordinal()
                || state == TcpState.CLOSE.ordinal()
                || (mode & 2) != 0
                        && state == TcpState.FIN_WAIT.ordinal()
                        && table.has(connection, ConnectionFlag.NO_OUTPUT);
    }

    // ---- sending ----

    /**
     * Sends the packet in hand by the method of a connection.
     *
     * @param icmp an ICMP error related to a connection that is not masqueraded; no error is sent when it is too big
     */
    Verdict transmit(Work work, int connection, boolean icmp) {
        return transmit(work, connection, table.flags(connection), connections.server(connection), icmp);
    }

    private Verdict transmit(Work work, int connection, int flags, @Nullable ServerEntry server, boolean icmp) {
        return switch (flags & ConnectionFlag.METHOD) {
            case ConnectionFlag.MASQUERADE -> masquerade(work, connection, server);
            case ConnectionFlag.TUNNEL -> server == null ? DropReason.DESTINATION_GONE : tunnel(work, server, icmp);
            case ConnectionFlag.LOCAL -> deliver(work);
            case ConnectionFlag.BYPASS -> {
                network.resolve(work.view.ipv4, work.view.destinationHigh, work.view.destinationLow, hop);
                yield routed(work, hop, hop.mtu, icmp);
            }
            default -> directRoute(work, connection, server, icmp);
        };
    }

    private Hop way(Work work, int connection, @Nullable ServerEntry server) {
        if (server != null) {
            return server.hop(network, work.nowNanos);
        }
        network.resolve(work.view.ipv4, table.destinationHigh(connection), table.destinationLow(connection), hop);
        return hop;
    }

    private Verdict directRoute(Work work, int connection, @Nullable ServerEntry server, boolean icmp) {
        Hop way = way(work, connection, server);
        return way.local ? deliver(work) : routed(work, way, server == null ? way.mtu : server.mtu(), icmp);
    }

    /** Sends an ICMP error to a masqueraded server; it is rewritten once the way has been found good. */
    Verdict masqueradeError(Work work, int connection, IcmpPath rewriter) {
        ServerEntry server = connections.server(connection);
        Hop way = way(work, connection, server);
        if (way.local) {
            if (server != null && server.redirectedPort == table.virtualPort(connection)) {
                return Verdict.Accepted.LOCAL; // the stack has it too, and knows the connection under the same address
            }
            rewriter.rewriteToServer(work, connection);
            return deliver(work);
        }
        int mtu = server == null ? way.mtu : server.mtu();
        Verdict refusal = admit(work, way, mtu, true);
        if (refusal != null) {
            return refusal;
        }
        rewriter.rewriteToServer(work, connection);
        send(work, way, mtu);
        return Verdict.Accepted.FORWARDED;
    }

    private Verdict masquerade(Work work, int connection, @Nullable ServerEntry server) {
        Hop way = way(work, connection, server);
        if (way.local) {
            if (server != null && server.redirectedPort == work.view.destinationPort) {
                return deliver(work);
            }
            if (isForLoopback(work, connection)) {
                return DropReason.MARTIAN;
            }
            if (!ftp.inbound(work, connection)) {
                return DropReason.HELPER;
            }
            translate(work, connection);
            return deliver(work);
        }
        int mtu = server == null ? way.mtu : server.mtu();
        Verdict refusal = admit(work, way, mtu, false);
        if (refusal != null) {
            return refusal;
        }
        if (!ftp.inbound(work, connection)) {
            return DropReason.HELPER;
        }
        translate(work, connection);
        send(work, way, mtu);
        return Verdict.Accepted.FORWARDED;
    }

    private boolean isForLoopback(Work work, int connection) {
        long low = table.destinationLow(connection);
        return work.view.ipv4 ? low >>> 24 == 127 : table.destinationHigh(connection) == 0 && low == 1;
    }

    /** Sends the packet in hand, of a protocol without ports, by the method of a connection: nothing but an address is translated. */
    Verdict transmitWithoutPorts(Work work, int connection, int flags, @Nullable ServerEntry server) {
        if ((flags & ConnectionFlag.METHOD) != ConnectionFlag.MASQUERADE) {
            return transmit(work, connection, flags, server, false);
        }
        Hop way = way(work, connection, server);
        if (way.local) {
            if (isForLoopback(work, connection)) {
                return DropReason.MARTIAN;
            }
            translateAddress(work.view, connection);
            return deliver(work);
        }
        int mtu = server == null ? way.mtu : server.mtu();
        Verdict refusal = admit(work, way, mtu, false);
        if (refusal != null) {
            return refusal;
        }
        translateAddress(work.view, connection);
        send(work, way, mtu);
        return Verdict.Accepted.FORWARDED;
    }

    private void translateAddress(PacketView packet, int connection) {
        AddressRewriter.destinationAddress(
                packet, packet.ipv4 ? 0 : table.destinationHigh(connection), table.destinationLow(connection));
    }

    private void translate(Work work, int connection) {
        AddressRewriter.destination(
                work,
                work.view.ipv4 ? 0 : table.destinationHigh(connection),
                table.destinationLow(connection),
                table.destinationPort(connection));
    }

    private Verdict routed(Work work, Hop way, int mtu, boolean icmp) {
        Verdict refusal = admit(work, way, mtu, icmp);
        if (refusal != null) {
            return refusal;
        }
        send(work, way, mtu);
        return Verdict.Accepted.FORWARDED;
    }

    private Verdict tunnel(Work work, ServerEntry server, boolean icmp) {
        Hop way = server.hop(network, work.nowNanos);
        if (way.local) {
            return deliver(work);
        }
        if (!way.reachable || !way.hasSource) {
            countError(work, errors.hostUnreachable(work, IcmpErrors.From.SERVICE));
            return DropReason.NO_ROUTE;
        }
        int mtu = server.mtu() - TunnelTransmitter.overhead(work, server);
        if (mtu < (server.address().isIpv4() ? MIN_IPV4_MTU : Ipv6.MIN_MTU)) {
            return DropReason.TUNNEL_TOO_SMALL;
        }
        boolean discover = tunnels.pathMtuDiscovery() || !work.view.ipv4;
        Verdict refusal = admit(work, way, discover ? mtu : Integer.MAX_VALUE, icmp);
        if (refusal != null) {
            return refusal;
        }
        tunnels.send(work, server);
        return Verdict.Accepted.FORWARDED;
    }

    private void send(Work work, Hop way, int mtu) {
        transmitter.send(work, way, work.sendSize(mtu));
    }

    /** Counts the hop and refuses packets that end here or are too big, telling their sender; null when the packet may go on. */
    private @Nullable Verdict admit(Work work, Hop way, int mtu, boolean icmp) {
        PacketView packet = work.view;
        if (!way.reachable) {
            countError(work, errors.hostUnreachable(work, IcmpErrors.From.SERVICE));
            return DropReason.NO_ROUTE;
        }
        if (packet.ttl <= 1) {
            countError(work, errors.timeExceeded(work, IcmpErrors.From.SERVICE));
            return DropReason.TTL_EXCEEDED;
        }
        packet.decrementTtl();
        // COMPAT: of an IPv4 packet that came in fragments that forbid fragmentation, the whole counts
        int length = packet.ipv4 || work.largestFragment == 0 ? work.wireLength() : work.largestFragment;
        if (length > mtu && packet.dontFragment() && !(icmp && packet.ipv4)) {
            countError(work, errors.tooBig(work, mtu, IcmpErrors.From.SERVICE));
            return DropReason.TOO_BIG;
        }
        if (length > mtu && packet.ipv4 && mtu < MIN_IPV4_MTU || !packet.ipv4 && mtu < Ipv6.HEADER) {
            return DropReason.TOO_BIG;
        }
        if (packet.hasOptions()) {
            work.options.settle(packet.segment, packet.l3);
        }
        return null;
    }

    /**
     * Counts an error of the director's own as a reply.
     *
     * <p>COMPAT: it leaves through the kernel's hook for local packets, where it belongs to a connection when the packet it quotes is one the server
     * could have got: not when that still has to be given the address of a masqueraded server. A connection of one packet is never found.
     */
    void countError(Work work, int length) {
        if (length > 0) {
            int connection = connections.outboundOfRequest(work.view);
            if (connection != ConnectionTable.NONE && !table.has(connection, ConnectionFlag.ONE_PACKET)) {
                connections.countOut(connection, 1, length);
            }
        }
    }

    /** Gives the packet in hand to the local stack, past the guard. */
    Verdict deliver(Work work) {
        if (work.view.hasOptions()) {
            work.restoreOptions();
        }
        work.out.deliverLocally(
                work.interfaceIndex,
                work.view.segment,
                work.frame(),
                work.view.length() + Ethernet.HEADER,
                work.offload);
        return Verdict.Accepted.FORWARDED;
    }
}
