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

    private static final byte[] LONG_NAME = "call-id".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SHORT_NAME = "i".getBytes(StandardCharsets.US_ASCII);
    /** Besides letters and digits (RFC 3261 section 25.1, {@code word}). */
    private static final String WORD_MARKS = "!\"%'()*+-./:<>?[\\]_`{}~";

    /**
     * The Call-ID of a SIP datagram, or an empty text when there is none ({@code ct_sip_get_header} and {@code get_callid}).
     *
     * <p>COMPAT: A header is looked for behind line ends only, so never in the first line. Its value is {@code word} or {@code word@word}; a header
     * with an empty one is passed over, one that is too long, or is not followed by the end of its line, makes the whole datagram useless.
     */
    String key(PacketView packet) {
        long start = packet.l4 + Udp.HEADER;
        if (packet.protocol != IpProtocol.UDP || start >= packet.end) {
            return "";
        }
        for (long at = start; at < packet.end; at++) {
            long line = lineStart(packet, at);
            if (line == NOTHING) {
                continue;
            }
            at = line;
            if (line >= packet.end) {
                return "";
            }
            if (isBlank(packet, line)) {
                continue; // goes on with the header of the line before
            }
            long name = nameEnd(packet, line);
            if (name == NOTHING) {
                continue;
            }
            long colon = skipBlanks(packet, name);
            if (colon >= packet.end || Wire.u8(packet.segment, colon) != ':' || colon + 1 >= packet.end) {
                return "";
            }
            long value = skipBlanks(packet, colon + 1);
            if (value > packet.end) {
                return "";
            }
            int length = valueLength(packet, value);
            if (length > 0) {
                return ended(packet, value, length);
            }
            at = value - 1;
        }
        return "";
    }

    private static final long NOTHING = -1;

    /** The first byte behind the line end at {@code at}, or {@link #NOTHING} where no line ends. */
    private static long lineStart(PacketView packet, long at) {
        int first = Wire.u8(packet.segment, at);
        if (first != '\r' && first != '\n') {
            return NOTHING;
        }
        boolean both = first == '\r' && at + 1 < packet.end && Wire.u8(packet.segment, at + 1) == '\n';
        return at + (both ? 2 : 1);
    }

    private static boolean isBlank(PacketView packet, long at) {
        int letter = Wire.u8(packet.segment, at);
        return letter == ' ' || letter == '\t';
    }

    /** Where the name of a Call-ID header that begins a line ends; the short one must not be the beginning of another word. */
    private static long nameEnd(PacketView packet, long line) {
        if (startsWith(packet, line, LONG_NAME)) {
            return line + LONG_NAME.length;
        }
        long end = line + SHORT_NAME.length;
        return startsWith(packet, line, SHORT_NAME) && end < packet.end && !isLetter(Wire.u8(packet.segment, end))
                ? end
                : NOTHING;
    }

    private static boolean startsWith(PacketView packet, long at, byte[] name) {
        if (at + name.length > packet.end) {
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

    /** Passes over blanks and at most one fold of the line (RFC 3261 section 7.3.1); behind the end where the line ends instead. */
    private static long skipBlanks(PacketView packet, long from) {
        long at = blanksEnd(packet, from);
        if (at >= packet.end) {
            return at;
        }
        long next = lineStart(packet, at);
        if (next == NOTHING) {
            return at;
        }
        return next < packet.end && isBlank(packet, next) ? blanksEnd(packet, next) : packet.end + 1;
    }

    private static long blanksEnd(PacketView packet, long from) {
        long at = from;
        while (at < packet.end && isBlank(packet, at)) {
            at++;
        }
        return at;
    }

    private static int valueLength(PacketView packet, long at) {
        int first = wordLength(packet, at);
        long mark = at + first;
        if (first == 0 || mark >= packet.end || Wire.u8(packet.segment, mark) != '@') {
            return first;
        }
        int second = wordLength(packet, mark + 1);
        return second == 0 ? 0 : first + 1 + second;
    }

    private static int wordLength(PacketView packet, long from) {
        long at = from;
        while (at < packet.end && isWord(Wire.u8(packet.segment, at))) {
            at++;
        }
        return (int) (at - from);
    }

    private static boolean isWord(int letter) {
        return isLetter(letter) || letter >= '0' && letter <= '9' || WORD_MARKS.indexOf(letter) >= 0;
    }

    private static boolean isLetter(int letter) {
        return letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z';
    }

    /** The value when its line ends behind it. */
    private static String ended(PacketView packet, long from, int length) {
        long end = from + length;
        if (length > MAX_KEY || end >= packet.end || lineStart(packet, end) == NOTHING) {
            return "";
        }
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) Wire.u8(packet.segment, from + i);
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
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
