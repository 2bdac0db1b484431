package org.halvs.ipvs.forward;

import java.nio.charset.StandardCharsets;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;

/**
 * The FTP helper for masqueraded servers on port 21 ({@code ip_vs_ftp.c}): expects the data connections that PORT, EPRT, PASV (227) and EPSV (229)
 * announce, and puts the service's address in the place of the server's where a reply tells it. A payload whose length changes shifts the
 * sequence numbers of the control connection from there on.
 */
final class FtpApplication {
    static final int FTP = 21;
    private static final int MAX_LINE = 512;
    private final Connections connections;
    private final ConnectionTable table;
    private final Transmitter transmitter;

    FtpApplication(Connections connections, Transmitter transmitter) {
        this.connections = connections;
        this.table = connections.table;
        this.transmitter = transmitter;
    }

    /** Whether a connection is one the helper looks after: an FTP control connection to a masqueraded server. */
    boolean watches(int connection) {
        return table.virtualPort(connection) == FTP
                && table.protocol(connection) == IpProtocol.TCP
                && (table.flags(connection) & ConnectionFlag.METHOD) == ConnectionFlag.MASQUERADE;
    }

    /** A packet of the client, before it is translated. False when its checksum is wrong, which drops it. */
    boolean inbound(Work work, int connection) {
        if (work.view.destinationPort != FTP || !watches(connection)) {
            return true;
        }
        if (!prepare(work)) {
            return false;
        }
        if (table.state(connection) == TcpState.ESTABLISHED.ordinal()) {
            command(connection, payload(work.view), work.nowNanos);
        }
        ExtraData.Extra extra = connections.extra().find(table.extra(connection));
        if (extra != null && extra.out.isActive()) {
            extra.out.shiftAcknowledgement(work.view);
        }
        return true;
    }

    /** A packet of the server, before it is translated. False when its checksum is wrong. */
    boolean outbound(Work work, int connection) {
        if (!watches(connection)) {
            return true;
        }
        if (!prepare(work)) {
            return false;
        }
        ExtraData.Extra extra = connections.extra().find(table.extra(connection));
        if (extra == null) {
            return true;
        }
        long sequence = Tcp.sequence(work.view.segment, work.view.l4);
        if (extra.out.isActive()) {
            extra.out.shiftSequence(work.view);
        }
        if (table.state(connection) == TcpState.ESTABLISHED.ordinal()) {
            reply(work, connection, payload(work.view), sequence, extra);
        }
        return true;
    }

    /** Finishes and checks the checksum: it will be computed anew, and a wrong one must not become right by that. */
    private static boolean prepare(Work work) {
        PacketView view = work.view;
        if (work.offload.isGso()) {
            return true;
        }
        Transmitter.finishChecksum(work);
        long sum = Checksum.sum(view.segment, view.l4, view.transportLength(), view.pseudoHeaderSum());
        return Checksum.fold(sum) == 0xffff;
    }

    private static String payload(PacketView view) {
        int header = Math.max(Tcp.HEADER, Tcp.headerLength(view.segment, view.l4));
        int length = Math.min(MAX_LINE, view.transportLength() - header);
        if (length <= 0) {
            return "";
        }
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) Wire.u8(view.segment, view.l4 + header + i);
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private ExtraData.Extra extra(int connection) {
        ExtraData.Extra extra = connections.extra().find(table.extra(connection));
        if (extra == null) {
            extra = new ExtraData.Extra();
            table.extra(connection, connections.extra().add(extra));
        }
        return extra;
    }

    private void command(int connection, String text, long nowNanos) {
        boolean ipv4 = !table.isIpv6(connection);
        if (ipv4 && FtpAnnouncement.asksPassive(text)) {
            extra(connection).ftp = ExtraData.Ftp.PASSIVE;
            return;
        }
        if (FtpAnnouncement.asksExtendedPassive(text)) {
            extra(connection).ftp = ExtraData.Ftp.EXTENDED_PASSIVE;
            return;
        }
        FtpAnnouncement active = ipv4 ? FtpAnnouncement.ofPort(text) : null;
        if (active == null) {
            active = FtpAnnouncement.ofExtendedPort(text, ipv4);
        }
        if (active != null && active.address().isPresent()) {
            IpAddress address = active.address().get();
            extra(connection).ftp = ExtraData.Ftp.ACTIVE;
            expectFromServer(connection, address.high(), address.low(), active.port(), nowNanos);
        }
    }

    /** A reply to the last passive command is told the service's address once, and again when it is sent again. */
    private void reply(Work work, int connection, String text, long sequence, ExtraData.Extra extra) {
        boolean again = extra.ftp == ExtraData.Ftp.ACTIVE && extra.repliedAt == sequence;
        boolean answered = switch (again ? extra.replied : extra.ftp) {
            case PASSIVE -> passive(work, connection, text, sequence, extra);
            case EXTENDED_PASSIVE -> extendedPassive(work, connection, text, sequence, extra);
            case ACTIVE -> false;
        };
        if (answered && !again) {
            extra.replied = extra.ftp;
            extra.repliedAt = sequence;
            extra.ftp = ExtraData.Ftp.ACTIVE;
        }
    }

    /** The server will connect from the port below its own to this one of the client. */
    private void expectFromServer(int control, long high, long low, int port, long nowNanos) {
        int virtualPort = table.virtualPort(control) - 1;
        boolean ipv6 = table.isIpv6(control);
        int known = table.findInbound(
                table.first(IpProtocol.TCP, high, low, port),
                ipv6,
                IpProtocol.TCP,
                high,
                low,
                port,
                table.virtualHigh(control),
                table.virtualLow(control),
                virtualPort);
        if (known == ConnectionTable.NONE) {
            known = create(control, 0, high, low, port, virtualPort, table.destinationPort(control) - 1, nowNanos);
        }
        listen(known, nowNanos);
    }

    /** The client will connect, from a port not known yet, to this one of the server. */
    private void expectFromClient(int control, int port, long nowNanos) {
        boolean ipv6 = table.isIpv6(control);
        long high = table.clientHigh(control);
        long low = table.clientLow(control);
        int known = table.findInbound(
                table.first(IpProtocol.TCP, high, low, 0),
                ipv6,
                IpProtocol.TCP,
                high,
                low,
                0,
                table.virtualHigh(control),
                table.virtualLow(control),
                port);
        if (known == ConnectionTable.NONE) {
            known = create(control, ConnectionFlag.NO_CLIENT_PORT, high, low, 0, port, port, nowNanos);
        }
        listen(known, nowNanos);
    }

    private int create(
            int control,
            int flags,
            long clientHigh,
            long clientLow,
            int clientPort,
            int virtualPort,
            int serverPort,
            long nowNanos) {
        int created = connections.create(
                flags,
                !table.isIpv6(control),
                IpProtocol.TCP,
                clientHigh,
                clientLow,
                clientPort,
                table.virtualHigh(control),
                table.virtualLow(control),
                virtualPort,
                connections.server(control),
                serverPort,
                Integer.toUnsignedLong(table.mark(control)),
                nowNanos);
        if (created != ConnectionTable.NONE) {
            table.control(created, control);
        }
        return created;
    }

    private void listen(int connection, long nowNanos) {
        if (connection != ConnectionTable.NONE) {
            table.state(connection, TcpState.LISTEN.ordinal());
            table.timeoutMillis(connection, TcpState.LISTEN.timeoutSeconds() * 1000);
            table.restart(connection, nowNanos);
        }
    }

    private boolean passive(Work work, int connection, String text, long sequence, ExtraData.Extra extra) {
        FtpAnnouncement reply = FtpAnnouncement.ofPassiveReply(text);
        if (reply == null
                || work.offload.isGso()
                || reply.address().orElse(IpAddress.ANY_IPV4).low() != table.destinationLow(connection)) {
            return false;
        }
        int port = reply.port();
        expectFromClient(connection, port, work.nowNanos);
        long vip = table.virtualLow(connection);
        String told = (vip >>> 24) + "," + (vip >>> 16 & 255) + "," + (vip >>> 8 & 255) + "," + (vip & 255) + ","
                + (port >>> 8) + "," + (port & 255);
        tell(work, connection, reply, told, sequence, extra);
        return true;
    }

    private boolean extendedPassive(Work work, int connection, String text, long sequence, ExtraData.Extra extra) {
        boolean ipv4 = !table.isIpv6(connection);
        FtpAnnouncement reply = FtpAnnouncement.ofExtendedPassiveReply(text, ipv4);
        boolean own = reply != null
                && reply.address()
                        .filter(address -> address.low() != table.destinationLow(connection)
                                || !ipv4 && address.high() != table.destinationHigh(connection))
                        .isEmpty();
        if (reply == null || !own || work.offload.isGso()) {
            return false;
        }
        expectFromClient(connection, reply.port(), work.nowNanos);
        // the client takes the address it knows, that of the service
        tell(work, connection, reply, "|||" + reply.port() + "|", sequence, extra);
        return true;
    }

    private void tell(
            Work work, int connection, FtpAnnouncement reply, String told, long sequence, ExtraData.Extra extra) {
        int growth = told.length() - (reply.to() - reply.from());
        replace(work, reply.from(), reply.to(), told);
        if (growth != 0) {
            extra.out.changed(sequence, growth);
            connections.tell(connection, true);
        }
    }

    /** Replaces a part of the payload; the packet moves to scratch memory, where there is room. */
    private void replace(Work work, int from, int to, String by) {
        PacketView view = work.view;
        int headers = (int) (view.l4 - view.l3) + Tcp.headerLength(view.segment, view.l4);
        int tail = view.length() - headers - to;
        long l3 = Transmitter.SCRATCH_AT;
        Wire.copy(view.segment, view.l3, transmitter.scratch(), l3, (long) headers + from);
        long at = l3 + headers + from;
        for (int i = 0; i < by.length(); i++) {
            Wire.put8(transmitter.scratch(), at + i, by.charAt(i));
        }
        Wire.copy(view.segment, view.l3 + headers + to, transmitter.scratch(), at + by.length(), tail);
        int length = headers + from + by.length() + tail;
        if (view.ipv4) {
            Wire.put16(transmitter.scratch(), l3 + 2, length);
            Ipv4.writeChecksum(transmitter.scratch(), l3);
        } else {
            Wire.put16(transmitter.scratch(), l3 + 4, length - Ipv6.HEADER);
        }
        work.roomStart = 0;
        view.parse(transmitter.scratch(), l3, l3 + length, false);
        Segmenter.writeTransportChecksum(view);
    }
}
