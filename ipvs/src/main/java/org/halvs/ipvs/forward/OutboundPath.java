package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/** From a masqueraded server to the client: gives the packet the service's address and routes it ({@code ip_vs_out_hook}). */
final class OutboundPath {
    private final Connections connections;
    private final ConnectionTable table;
    private final ServiceTable services;
    private final Network network;
    private final Transmitter transmitter;
    private final IcmpErrors errors;
    private final OptionScribe scribe;
    private final FtpApplication ftp;
    private final ConnectionScheduler scheduler;
    private final Hop hop = new Hop();
    private IpvsSettings settings = IpvsSettings.DEFAULT;

    OutboundPath(
            Connections connections,
            ServiceTable services,
            Network network,
            Transmitter transmitter,
            IcmpErrors errors,
            OptionScribe scribe,
            FtpApplication ftp,
            ConnectionScheduler scheduler) {
        this.connections = connections;
        this.table = connections.table;
        this.services = services;
        this.network = network;
        this.transmitter = transmitter;
        this.errors = errors;
        this.scribe = scribe;
        this.ftp = ftp;
        this.scheduler = scheduler;
    }

    void settings(IpvsSettings changed) {
        settings = changed;
    }

    /**
     * Handles the packet in hand when it is a reply; null when it belongs to no connection.
     *
     * @param staysHere whether it is for the director, so that no router asks whether it may go on
     */
    @Nullable
    Verdict process(Work work, boolean staysHere) {
        int connection = connections.outbound(work);
        if (connection == ConnectionTable.NONE
                && scheduler.mayBeStartedByServer(work.view)
                && (staysHere || passes(work))) {
            connection = scheduler.startedByServer(work);
        }
        if (connection < 0) {
            return null;
        }
        if ((table.flags(connection) & ConnectionFlag.METHOD) != ConnectionFlag.MASQUERADE) {
            if (staysHere || passes(work)) {
                // Seen by chance: the reply of a server that answers the client itself.
                connections.countOut(connection, work);
                int flags = connections.advance(connection, TcpState.OUTPUT, work.view);
                connections.keep(connection, flags, work.nowNanos);
            }
            return Verdict.Accepted.LOCAL;
        }
        return reply(work, connection);
    }

    /** Handles the packet in hand, whose transport header ends behind the ports: nothing can be translated in it. */
    Verdict processCutOff(Work work) {
        int connection = connections.outbound(work);
        boolean translates = connection != ConnectionTable.NONE
                && (table.flags(connection) & ConnectionFlag.METHOD) == ConnectionFlag.MASQUERADE;
        if (!translates) {
            return Verdict.Accepted.LOCAL;
        }
        Verdict refusal = admitReply(work, connection);
        return refusal == null ? DropReason.MALFORMED : refusal;
    }

    /** Whether a router lets the packet in hand go on: what does not never comes to the hook "forward", where IPVS looks at it. */
    boolean passes(Work work) {
        Hop way = way(work);
        return way.local || way.reachable && work.view.ttl > 1 && !isTooBig(work);
    }

    private Verdict reply(Work work, int connection) {
        PacketView packet = work.view;
        Verdict refusal = admitReply(work, connection);
        if (refusal != null) {
            return refusal;
        }
        if (!ftp.outbound(work, connection)) {
            return DropReason.HELPER;
        }
        AddressRewriter.source(
                work,
                packet.ipv4 ? 0 : table.virtualHigh(connection),
                table.virtualLow(connection),
                table.virtualPort(connection));
        connections.countOut(connection, work);
        int flags = connections.advance(connection, TcpState.OUTPUT, packet);
        connections.keep(connection, flags, work.nowNanos);
        sendTranslated(work);
        return Verdict.Accepted.FORWARDED;
    }

    /** Handles a masqueraded server's packet of a protocol without ports, which changes the state of no connection. */
    Verdict replyWithoutPorts(Work work, int connection, int flags) {
        PacketView packet = work.view;
        Verdict refusal = admitReply(work, connection);
        if (refusal != null) {
            return refusal;
        }
        AddressRewriter.sourceAddress(
                packet, packet.ipv4 ? 0 : table.virtualHigh(connection), table.virtualLow(connection));
        connections.countOut(connection, work);
        connections.keep(connection, flags, work.nowNanos);
        sendTranslated(work);
        return Verdict.Accepted.FORWARDED;
    }

    /** Finds the way of a masqueraded server's packet to the client, and does what a router does before it forwards; null when the packet may go on. */
    private @Nullable Verdict admitReply(Work work, int connection) {
        PacketView packet = work.view;
        boolean own = settings.on(Setting.SNAT_REROUTE);
        network.resolve(
                work.destinationLocal,
                packet.ipv4,
                packet.destinationHigh,
                packet.destinationLow,
                own ? packet.ipv4 ? 0 : table.virtualHigh(connection) : packet.sourceHigh,
                own ? table.virtualLow(connection) : packet.sourceLow,
                work.mark,
                own ? PolicyRouting.OWN : work.interfaceIndex,
                hop);
        return hop.local ? null : admit(work);
    }

    /** What a router does before it forwards; the packet still has the server's address, which gets the error. */
    @Nullable
    Verdict admit(Work work) {
        PacketView packet = work.view;
        if (!hop.reachable) {
            errors.noRoute(work, hop);
            return DropReason.NO_ROUTE;
        }
        if (packet.ttl <= 1) {
            errors.timeExceeded(work, IcmpErrors.From.ROUTER);
            return DropReason.TTL_EXCEEDED;
        }
        if (isTooBig(work)) {
            errors.tooBig(work, hop.mtu, IcmpErrors.From.ROUTER);
            return DropReason.TOO_BIG;
        }
        packet.decrementTtl();
        return null;
    }

    private boolean isTooBig(Work work) {
        int length = work.largestFragment == 0 ? work.wireLength() : work.largestFragment;
        return length > hop.mtu && work.view.dontFragment();
    }

    /** Sends the packet in hand, which has been given the service's address, toward the client. */
    void sendTranslated(Work work) {
        send(work, settings.on(Setting.SNAT_REROUTE));
    }

    /** @param rerouted whether the way was found anew, for a packet that comes from its source as if the director had made it */
    private void send(Work work, boolean rerouted) {
        PacketView packet = work.view;
        if (packet.hasOptions()) {
            // COMPAT: a packet of the director's own records its source (ip_rt_get_source)
            scribe.forward(work, rerouted ? packet.sourceLow : scribe.toward(packet.destinationLow));
        }
        if (hop.local) {
            if (packet.hasOptions()) {
                work.restoreOptions();
            }
            work.out.deliverLocally(
                    work.interfaceIndex,
                    work.view.segment,
                    work.frame(),
                    work.view.length() + Ethernet.HEADER,
                    work.offload);
            return;
        }
        transmitter.send(work, hop, work.sendSize(hop.mtu));
    }

    /** Finds the way of the packet in hand, for {@link #admit} and {@link #sendTranslated}. */
    Hop way(Work work) {
        PacketView packet = work.view;
        network.resolve(
                work.destinationLocal,
                packet.ipv4,
                packet.destinationHigh,
                packet.destinationLow,
                packet.sourceHigh,
                packet.sourceLow,
                work.mark,
                work.interfaceIndex,
                hop);
        return hop;
    }

    /** A packet of a masqueraded server that no connection wants: the port withheld it from the stack, so routing it falls to us. */
    Verdict withoutConnection(Work work) {
        PacketView packet = work.view;
        if (!services.isMasqueraded(
                packet.ipv4, packet.protocol, packet.sourceHigh, packet.sourceLow, packet.sourcePort)) {
            return Verdict.Accepted.LOCAL;
        }
        Verdict refusal = admitPlain(work);
        if (refusal != null) {
            return refusal;
        }
        // COMPAT: asked in the hook "forward", behind what a router does
        boolean answers = settings.on(Setting.NAT_ICMP_SEND)
                && !isReset(packet)
                && services.realServer(
                                packet.ipv4, packet.protocol, packet.sourceHigh, packet.sourceLow, packet.sourcePort)
                        != null;
        if (answers) {
            errors.portUnreachable(work, IcmpErrors.From.ROUTER);
            return DropReason.NO_CONNECTION_ANSWERED;
        }
        send(work, false);
        return Verdict.Accepted.FORWARDED;
    }

    /** An ICMP error about what a masqueraded server was sent, of no connection: kept from the stack too, so it is routed here. */
    Verdict errorWithoutConnection(Work work) {
        PacketView quoted = work.inner;
        boolean ipsec = IpProtocol.isIpsec(quoted.protocol);
        return services.isMasqueraded(
                        quoted.ipv4,
                        ipsec ? IpProtocol.UDP : quoted.protocol,
                        quoted.destinationHigh,
                        quoted.destinationLow,
                        ipsec ? Udp.ISAKMP : quoted.destinationPort)
                ? plain(work)
                : Verdict.Accepted.LOCAL;
    }

    /** Routes the packet in hand untranslated, where the machine is a router. */
    Verdict plain(Work work) {
        Verdict refusal = admitPlain(work);
        if (refusal != null) {
            return refusal;
        }
        send(work, false);
        return Verdict.Accepted.FORWARDED;
    }

    /** What a router does before it forwards a packet as it is; null when the packet may go on. */
    @Nullable
    Verdict admitPlain(Work work) {
        IpAddress.Family family = work.view.ipv4 ? IpAddress.Family.IPV4 : IpAddress.Family.IPV6;
        if (!network.view().forwards(family)) {
            return DropReason.NO_CONNECTION;
        }
        way(work);
        return admit(work);
    }

    private static boolean isReset(PacketView packet) {
        return packet.protocol == IpProtocol.TCP && (packet.tcpFlags & Tcp.RST) != 0
                || packet.protocol == IpProtocol.SCTP && Connections.chunk(packet, 0) == Sctp.ABORT;
    }
}
