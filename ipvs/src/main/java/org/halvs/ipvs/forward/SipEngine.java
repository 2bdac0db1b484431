package org.halvs.ipvs.forward;

import java.nio.charset.StandardCharsets;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;

/** The persistence engine {@code sip}: datagrams of one call, by its Call-ID, go to one server ({@code ip_vs_pe_sip.c}). */
final class SipEngine {
    static final String NAME = "sip";

    /** The longest key the kernel keeps ({@code IP_VS_PEDATA_MAXLEN}). */
    private static final int MAX_KEY = 255;

    private static final byte[] LONG_NAME = "call-id:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SHORT_NAME = "i:".getBytes(StandardCharsets.US_ASCII);

    /** The Call-ID of a SIP datagram, or an empty text when there is none. */
    String key(PacketView packet) {
        if (packet.protocol != IpProtocol.UDP) {
            return "";
        }
        long at = packet.l4 + Udp.HEADER;
        while (at < packet.end) {
            long lineEnd = at;
            while (lineEnd < packet.end && Wire.u8(packet.segment, lineEnd) != '\n') {
                lineEnd++;
            }
            long value = startsWith(packet, at, lineEnd, LONG_NAME)
                    ? at + LONG_NAME.length
                    : startsWith(packet, at, lineEnd, SHORT_NAME) ? at + SHORT_NAME.length : -1;
            if (value >= 0) {
                return text(packet, value, lineEnd);
            }
            at = lineEnd + 1;
        }
        return "";
    }

    private static boolean startsWith(PacketView packet, long at, long end, byte[] name) {
        if (at + name.length > end) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            int letter = Wire.u8(packet.segment, at + i);
            if ((letter >= 'A' && letter <= 'Z' ? letter + 32 : letter) != name[i]) {
                return false;
            }
        }
        return true;
    }

    private static String text(PacketView packet, long from, long to) {
        byte[] bytes = new byte[(int) Math.min(MAX_KEY + 2, to - from)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Wire.u8(packet.segment, from + i);
        }
        String value = new String(bytes, StandardCharsets.ISO_8859_1).strip();
        return value.length() > MAX_KEY ? "" : value;
    }

    /** The template of a call, or {@link ConnectionTable#NONE}. Templates of several calls of one client have one address key. */
    int find(
            Connections connections,
            boolean ipv6,
            int protocol,
            long clientHigh,
            long clientLow,
            long virtualHigh,
            long virtualLow,
            int virtualPort,
            String key) {
        ConnectionTable table = connections.table;
        int template = table.findTemplate(ipv6, protocol, clientHigh, clientLow, virtualHigh, virtualLow, virtualPort);
        while (template != ConnectionTable.NONE) {
            ExtraData.Extra extra = connections.extra().find(table.extra(template));
            if (extra != null && extra.engineKey.equals(key)) {
                return template;
            }
            template = table.nextLike(template);
        }
        return ConnectionTable.NONE;
    }

    void remember(Connections connections, int template, String key) {
        ExtraData.Extra extra = new ExtraData.Extra();
        extra.engine = NAME;
        extra.engineKey = key;
        connections.table.extra(template, connections.extra().add(extra));
        connections.table.flags(template, connections.table.flags(template) & ~ConnectionFlag.INVALIDATED);
    }
}
