package org.halvs.ipvs.forward;

import java.util.Locale;
import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a data connection of FTP will go, as a command or a reply tells it (RFC 959, RFC 2428). Read as the kernel reads it: from the beginning of a
 * segment, with a character behind the last number, so that what is split between two segments announces nothing.
 *
 * @param from where the numbers begin in the text
 * @param to the place behind them
 * @param address empty when it is that of the control connection
 * @param port 1 to 65535
 */
record FtpAnnouncement(int from, int to, Optional<IpAddress> address, int port) {

    /** {@code PORT h1,h2,h3,h4,p1,p2}; null when the text is something else. */
    static @Nullable FtpAnnouncement ofPort(String text) {
        return startsWith(text, "PORT") ? numbers(text, skip(text, 4, ' ', true)) : null;
    }

    /** {@code 227 … (h1,h2,h3,h4,p1,p2)}; some servers leave out the parentheses. */
    static @Nullable FtpAnnouncement ofPassiveReply(String text) {
        return startsWith(text, "227 ") ? numbers(text, skip(text, 4, '(', true)) : null;
    }

    /** {@code EPRT |family|address|port|} with any delimiter. */
    static @Nullable FtpAnnouncement ofExtendedPort(String text, boolean ipv4) {
        return startsWith(text, "EPRT") ? fields(text, skip(text, 4, ' ', false), ipv4, false) : null;
    }

    /** {@code 229 … (|||port|)}, or with family and address. */
    static @Nullable FtpAnnouncement ofExtendedPassiveReply(String text, boolean ipv4) {
        return startsWith(text, "229 ") ? fields(text, skip(text, 4, '(', false), ipv4, true) : null;
    }

    /** Whether a segment of the client asks for a passive connection, among other commands perhaps. */
    static boolean asksPassive(String text) {
        return text.toUpperCase(Locale.ROOT).contains("PASV\r\n");
    }

    static boolean asksExtendedPassive(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        for (int at = upper.indexOf("EPSV"); at >= 0; at = upper.indexOf("EPSV", at + 1)) {
            // the kernel looks at no place less than six characters before the end
            if (at + 6 <= upper.length() && (upper.charAt(at + 4) == ' ' || upper.charAt(at + 4) == '\r')) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(String text, String word) {
        return text.regionMatches(true, 0, word, 0, word.length());
    }

    /** The place behind a run of {@code separator}, or of the first digit where {@code digits} do; the text's length when there is none. */
    private static int skip(String text, int from, char separator, boolean digits) {
        boolean found = false;
        for (int at = from; at < text.length(); at++) {
            char character = text.charAt(at);
            if (found ? character != separator : digits && isDigit(character)) {
                return at;
            }
            found |= character == separator;
        }
        return text.length();
    }

    private static @Nullable FtpAnnouncement numbers(String text, int from) {
        int[] values = new int[6];
        int at = from;
        int index = 0;
        for (; at < text.length(); at++) {
            char character = text.charAt(at);
            if (isDigit(character)) {
                values[index] = Math.min(256, values[index] * 10 + character - '0');
            } else if (character == ',' && index < 5) {
                index++;
            } else {
                break;
            }
        }
        int address = 0;
        for (int value : values) {
            if (value > 255) {
                return null;
            }
        }
        for (int i = 0; i < 4; i++) {
            address = address << 8 | values[i];
        }
        int port = values[4] << 8 | values[5];
        return at == text.length() || index != 5 || port == 0
                ? null
                : new FtpAnnouncement(from, at, Optional.of(IpAddress.ofIpv4(address)), port);
    }

    private static @Nullable FtpAnnouncement fields(String text, int from, boolean ipv4, boolean mayLack) {
        if (from >= text.length() || text.charAt(from) < 33 || text.charAt(from) > 126) {
            return null;
        }
        char delimiter = text.charAt(from);
        int family = text.indexOf(delimiter, from + 1);
        int host = family < 0 ? -1 : text.indexOf(delimiter, family + 1);
        int port = host < 0 ? -1 : text.indexOf(delimiter, host + 1);
        if (port < 0) {
            return null;
        }
        Optional<IpAddress> address = IpAddress.parse(text.substring(family + 1, host));
        String named = text.substring(from + 1, family);
        boolean lacking = mayLack && named.isEmpty() && host == family + 1;
        boolean given = named.equals(ipv4 ? "1" : "2")
                && address.filter(found -> found.isIpv4() == ipv4).isPresent();
        int number = port(text.substring(host + 1, port));
        return (lacking || given) && number > 0 ? new FtpAnnouncement(from, port + 1, address, number) : null;
    }

    private static int port(String digits) {
        return digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(each -> isDigit((char) each))
                ? 0
                : Integer.parseInt(digits) & 0xffff;
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }
}
