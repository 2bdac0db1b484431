package org.halvs.ipvs.forward;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final int FTP = 21;
    private static final int MAX_LINE = 512;
    private static final Pattern PORT = Pattern.compile(
            "PORT (\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3})\r?\n?.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern EPRT = Pattern.compile(
            "EPRT \\|([12])\\|([0-9a-fA-F.:]+)\\|(\\d{1,5})\\|.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    /** The parenthesis is left out by some servers. */
    private static final Pattern PASSIVE = Pattern.compile(
            "227 [^(0-9]*\\(*(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3})\\D.*", Pattern.DOTALL);

    private static final Pattern EXTENDED_PASSIVE =
            Pattern.compile("229 [^(]*\\(\\|\\|\\|(\\d{1,5})\\|\\).*", Pattern.DOTALL);

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
            String line = payload(work.view);
            ExtraData.Extra extra = extra(connection);
            if (line.regionMatches(true, 0, "PASV", 0, 4)) {
                extra.ftp = ExtraData.Ftp.PASSIVE;
            } else if (line.regionMatches(true, 0, "EPSV", 0, 4)) {
                extra.ftp = ExtraData.Ftp.EXTENDED_PASSIVE;
            } else {
                expectActive(connection, line, work.nowNanos);
            }
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
            String line = payload(work.view);
            switch (extra.ftp) {
                case PASSIVE -> passive(work, connection, line, sequence, extra);
                case EXTENDED_PASSIVE -> extendedPassive(connection, line, work.nowNanos);
                case ACTIVE -> {}
            }
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

    private void expectActive(int connection, String line, long nowNanos) {
        Matcher port = PORT.matcher(line);
        Matcher extended = EPRT.matcher(line);
        if (port.matches()) {
            long address = address(port);
            int number = number(port);
            if (address >= 0 && number > 0 && !table.isIpv6(connection)) {
                expectFromServer(connection, 0, address, number, nowNanos);
            }
        } else if (extended.matches()) {
            Optional<IpAddress> address = IpAddress.parse(extended.group(2));
            int number = Integer.parseInt(extended.group(3));
            if (address.isPresent()
                    && address.get().isIpv4() != table.isIpv6(connection)
                    && number > 0
                    && number <= 65535) {
                expectFromServer(connection, address.get().high(), address.get().low(), number, nowNanos);
            }
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

    private void passive(Work work, int connection, String line, long sequence, ExtraData.Extra extra) {
        Matcher reply = PASSIVE.matcher(line);
        if (!reply.matches() || work.offload.isGso()) {
            return;
        }
        long address = address(reply);
        int port = number(reply);
        if (address != table.destinationLow(connection) || port <= 0) {
            return;
        }
        expectFromClient(connection, port, work.nowNanos);
        long vip = table.virtualLow(connection);
        String told = (vip >>> 24) + "," + (vip >>> 16 & 255) + "," + (vip >>> 8 & 255) + "," + (vip & 255) + ","
                + (port >>> 8) + "," + (port & 255);
        replace(work, reply.start(1), reply.end(6), told);
        int growth = told.length() - (reply.end(6) - reply.start(1));
        if (growth != 0) {
            extra.out.changed(sequence, growth);
            connections.tell(connection, true);
        }
    }

    private void extendedPassive(int connection, String line, long nowNanos) {
        Matcher reply = EXTENDED_PASSIVE.matcher(line);
        if (reply.matches()) {
            int port = Integer.parseInt(reply.group(1));
            if (port > 0 && port <= 65535) {
                // The reply names no address, so it stays as it is.
                expectFromClient(connection, port, nowNanos);
            }
        }
    }

    /** The address in the first four groups, -1 when it is none. */
    private static long address(Matcher groups) {
        long address = 0;
        for (int i = 1; i <= 4; i++) {
            int octet = Integer.parseInt(groups.group(i));
            if (octet > 255) {
                return -1;
            }
            address = address << 8 | octet;
        }
        return address;
    }

    private static int number(Matcher groups) {
        int high = Integer.parseInt(groups.group(5));
        int low = Integer.parseInt(groups.group(6));
        return high > 255 || low > 255 ? -1 : high << 8 | low;
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
        work.segment = transmitter.scratch();
        work.roomStart = 0;
        view.parse(transmitter.scratch(), l3, l3 + length, false);
        Segmenter.writeTransportChecksum(view);
    }
}
