package org.halvs.ipvs.forward;

import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.scheduler.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connection of a packet that has none: asks the scheduler, or a persistence template ({@code ip_vs_schedule},
 * {@code ip_vs_sched_persist}).
 */
final class ConnectionScheduler {
    /** The packet is not for scheduling after all; the local stack may have it. */
    static final int NOT_OURS = -2;
    /** No server takes it; the client is told. */
    static final int NO_SERVER = -3;
    /** The connection table is full. */
    static final int FULL = -4;
    /** The persistence engine found no key. */
    static final int NO_KEY = -5;

    private static final int FTP = 21;
    private static final int FTP_DATA = 20;

    private final Connections connections;
    private final ServiceTable services;
    private final Flow flow = new Flow();
    private final SipEngine sip = new SipEngine();
    /** A request made up of a packet that goes the other way. */
    private final PacketView request = new PacketView();

    private boolean expireQuiescent;

    ConnectionScheduler(Connections connections, ServiceTable services) {
        this.connections = connections;
        this.services = services;
    }

    void settings(IpvsSettings settings) {
        expireQuiescent = settings.on(Setting.EXPIRE_QUIESCENT_TEMPLATE);
    }

    /**
     * The new connection of a packet from client to service, or one of the negative answers.
     *
     * @param packet the packet in hand, or the request whose reply an ICMP error quotes
     */
    int schedule(Work work, PacketView packet, ServiceEntry service) {
        if (packet.sourcePort == FTP_DATA) {
            return NOT_OURS; // whatever the protocol, as ip_vs_schedule has it
        }
        flow.ipv4 = packet.ipv4;
        flow.sourceHigh = packet.sourceHigh;
        flow.sourceLow = packet.sourceLow;
        flow.destinationHigh = packet.destinationHigh;
        flow.destinationLow = packet.destinationLow;
        flow.sourcePort = packet.sourcePort;
        flow.nowNanos = work.nowNanos;
        int flags = service.service.onePacket() && packet.protocol == IpProtocol.UDP ? ConnectionFlag.ONE_PACKET : 0;
        Persistence persistence = service.service.persistence().orElse(null);
        if (persistence != null) {
            return persistent(work, packet, service, persistence, flags);
        }
        if (service.mark() == 0 && packet.destinationPort != service.port()) {
            return NO_SERVER;
        }
        ServerEntry server = (ServerEntry) service.scheduler.choose(service.servers, flow);
        if (server == null) {
            return NO_SERVER;
        }
        int port = server.port() != 0 ? server.port() : packet.destinationPort;
        return create(work, packet, service, server, port, flags);
    }

    private int create(Work work, PacketView packet, ServiceEntry service, ServerEntry server, int port, int flags) {
        int connection = connections.create(
                flags,
                packet.ipv4,
                packet.protocol,
                packet.sourceHigh,
                packet.sourceLow,
                packet.sourcePort,
                packet.destinationHigh,
                packet.destinationLow,
                packet.destinationPort,
                server,
                port,
                work.mark,
                work.nowNanos);
        if (connection == ConnectionTable.NONE) {
            return FULL;
        }
        connections.countNew(connection, service);
        return connection;
    }

    private int persistent(Work work, PacketView packet, ServiceEntry service, Persistence persistence, int flags) {
        ConnectionTable table = connections.table;
        long clientHigh = maskedHigh(packet, persistence.netmask());
        long clientLow = maskedLow(packet, persistence.netmask());
        boolean samePort = packet.destinationPort == service.port();
        int protocol = packet.protocol;
        long virtualHigh = packet.destinationHigh;
        long virtualLow = packet.destinationLow;
        int virtualPort = samePort && service.port() != FTP ? packet.destinationPort : 0;
        if (!samePort && service.mark() != 0) {
            protocol = 0;
            // The mark takes the place of the first 32 bits of the address.
            virtualHigh = packet.ipv4 ? 0 : service.mark() << 32;
            virtualLow = packet.ipv4 ? service.mark() : 0;
        }
        String key = "";
        if (persistence.engine().isPresent()) {
            key = request.equals(packet) ? "" : sip.key(packet);
            if (key.isEmpty()) {
                return NO_KEY;
            }
        }
        int template = key.isEmpty()
                ? table.findTemplate(
                        !packet.ipv4, protocol, clientHigh, clientLow, virtualHigh, virtualLow, virtualPort)
                : sip.find(
                        connections,
                        !packet.ipv4,
                        protocol,
                        clientHigh,
                        clientLow,
                        virtualHigh,
                        virtualLow,
                        virtualPort,
                        key);
        ServerEntry server = template == ConnectionTable.NONE ? null : usable(template);
        if (server == null) {
            server = (ServerEntry) service.scheduler.choose(service.servers, flow);
            if (server == null) {
                return NO_SERVER;
            }
            int port = samePort && service.port() != FTP ? server.port() : 0;
            template = connections.create(
                    ConnectionFlag.TEMPLATE,
                    packet.ipv4,
                    protocol,
                    clientHigh,
                    clientLow,
                    0,
                    virtualHigh,
                    virtualLow,
                    virtualPort,
                    server,
                    port,
                    work.mark,
                    work.nowNanos);
            if (template == ConnectionTable.NONE) {
                return FULL;
            }
            table.timeoutMillis(template, (int) Math.min(Integer.MAX_VALUE, persistence.timeoutSeconds() * 1000L));
            if (!key.isEmpty()) {
                sip.remember(connections, template, key);
            }
        }
        int port = samePort && server.port() != 0 ? server.port() : packet.destinationPort;
        int connection = create(work, packet, service, server, port, flags);
        if (connection >= 0) {
            table.control(connection, template);
            connections.tell(connection, true);
        }
        table.restart(template, work.nowNanos);
        return connection;
    }

    /** Whether {@link #startedByServer} has to be asked about a packet. */
    boolean mayBeStartedByServer(PacketView packet) {
        return packet.protocol == IpProtocol.UDP
                && services.anyEngine()
                && services.isMasqueradedHost(packet.ipv4, packet.sourceHigh, packet.sourceLow);
    }

    /**
     * A datagram a real server of a SIP service sends of its own accord: it belongs to the call it names, and gets a connection so that the client
     * sees the service's address ({@code ip_vs_new_conn_out}).
     *
     * @return the connection, or a negative number when the packet is nothing of the kind
     */
    int startedByServer(Work work) {
        PacketView packet = work.view;
        ServerEntry server = services.realServer(
                packet.ipv4, packet.protocol, packet.sourceHigh, packet.sourceLow, packet.sourcePort);
        ServiceEntry service = server == null ? null : services.entry(server.key);
        if (server == null
                || service == null
                || !(service.key instanceof ServiceKey.AddressKey key)
                || service.service.persistence().flatMap(Persistence::engine).isEmpty()) {
            return ConnectionTable.NONE;
        }
        String call = sip.key(packet);
        if (call.isEmpty()) {
            return NO_KEY;
        }
        Persistence persistence = service.service.persistence().get();
        request.ipv4 = packet.ipv4;
        request.protocol = packet.protocol;
        request.sourceHigh = packet.destinationHigh;
        request.sourceLow = packet.destinationLow;
        request.sourcePort = packet.destinationPort;
        request.destinationHigh = key.address().high();
        request.destinationLow = key.address().low();
        request.destinationPort = key.port();
        long clientHigh = maskedHigh(request, persistence.netmask());
        long clientLow = maskedLow(request, persistence.netmask());
        ConnectionTable table = connections.table;
        int template = sip.find(
                connections,
                !packet.ipv4,
                packet.protocol,
                clientHigh,
                clientLow,
                request.destinationHigh,
                request.destinationLow,
                key.port(),
                call);
        if (template != ConnectionTable.NONE && !server.equals(usable(template))) {
            connections.invalidate(template);
            template = ConnectionTable.NONE;
        }
        if (template == ConnectionTable.NONE) {
            template = connections.create(
                    ConnectionFlag.TEMPLATE,
                    packet.ipv4,
                    packet.protocol,
                    clientHigh,
                    clientLow,
                    0,
                    request.destinationHigh,
                    request.destinationLow,
                    key.port(),
                    server,
                    packet.sourcePort,
                    work.mark,
                    work.nowNanos);
            if (template == ConnectionTable.NONE) {
                return FULL;
            }
            table.timeoutMillis(template, (int) Math.min(Integer.MAX_VALUE, persistence.timeoutSeconds() * 1000L));
            sip.remember(connections, template, call);
        }
        int flags = service.service.onePacket() ? ConnectionFlag.ONE_PACKET : 0;
        int connection = create(work, request, service, server, packet.sourcePort, flags);
        if (connection >= 0) {
            table.control(connection, template);
            connections.tell(connection, true);
        }
        table.restart(template, work.nowNanos);
        return connection;
    }

    /** The server of a template, or null after giving the template up because its server is gone or drained. */
    private @Nullable ServerEntry usable(int template) {
        ServerEntry server = connections.server(template);
        if (server == null || !server.isAvailable() || expireQuiescent && server.weight() == 0) {
            connections.invalidate(template);
            return null;
        }
        return server;
    }

    private static long maskedHigh(PacketView packet, int netmask) {
        if (packet.ipv4) {
            return 0;
        }
        return netmask >= 64 ? packet.sourceHigh : netmask <= 0 ? 0 : packet.sourceHigh & -1L << (64 - netmask);
    }

    private static long maskedLow(PacketView packet, int netmask) {
        if (packet.ipv4) {
            return packet.sourceLow & netmask & 0xffffffffL;
        }
        return netmask >= 128 ? packet.sourceLow : netmask <= 64 ? 0 : packet.sourceLow & -1L << (128 - netmask);
    }

    /** The connection of a request, known by its reply that an ICMP error quotes; made for it when the settings say so. */
    int scheduleByReply(Work work, PacketView reply) {
        request.ipv4 = reply.ipv4;
        request.protocol = reply.protocol;
        request.sourceHigh = reply.destinationHigh;
        request.sourceLow = reply.destinationLow;
        request.sourcePort = reply.destinationPort;
        request.destinationHigh = reply.sourceHigh;
        request.destinationLow = reply.sourceLow;
        request.destinationPort = reply.sourcePort;
        ServiceEntry service = service(work, request);
        return service == null ? NOT_OURS : schedule(work, request, service);
    }

    /** The service of a packet from a client, or null. */
    @Nullable
    ServiceEntry service(Work work, PacketView packet) {
        return services.find(
                packet.ipv4,
                work.mark,
                packet.protocol,
                packet.destinationHigh,
                packet.destinationLow,
                packet.destinationPort);
    }

    /** Whether an FTP service was found for a port that is not FTP's: such packets are left to the stack when no server takes them. */
    static boolean isStrayOfFtp(ServiceEntry service, int port) {
        return service.key instanceof ServiceKey.AddressKey && service.port() == FTP && port != FTP;
    }
}
