package org.halvs.ldirectord;

import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/** Addresses that need no look-up. Pure. */
final class Literals {
    private Literals() {}

    /** The literal {@code text} is in {@code family}; an IPv6 literal may stand in brackets. */
    static Optional<IpAddress> parse(String text, Family family) {
        if (family == Family.IPV4) {
            return inetAton(text);
        }
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        String inner = bracketed ? text.substring(1, text.length() - 1) : text;
        return inner.indexOf(':') < 0 ? Optional.empty() : IpAddress.parse(inner);
    }

    /**
     * COMPAT: what inet_aton(3) accepts, which ldirectord's resolver goes by: one to four numbers, the last one filling the bytes that are
     * left, each decimal, octal after a 0 or hexadecimal after 0x. {@code 127.1} is 127.0.0.1, {@code 010.0.0.1} is 8.0.0.1.
     */
    private static Optional<IpAddress> inetAton(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length > 4) {
            return Optional.empty();
        }
        long word = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            int bytesLeft = 4 - i;
            long value = numeral(parts[i]);
            long limit = last ? 1L << 8 * bytesLeft : 1L << 8;
            if (value < 0 || value >= limit) {
                return Optional.empty();
            }
            word |= last ? value : value << 8 * (bytesLeft - 1);
        }
        return Optional.of(IpAddress.ofIpv4((int) word));
    }

    /** The number, or -1. */
    private static long numeral(String text) {
        boolean hex = text.startsWith("0x") || text.startsWith("0X");
        boolean octal = !hex && text.length() > 1 && text.charAt(0) == '0';
        String digits = hex ? text.substring(2) : text;
        int radix = hex ? 16 : octal ? 8 : 10;
        if (digits.isEmpty() || digits.length() > 12) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) < 128 ? Character.digit(digits.charAt(i), radix) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * radix + digit;
        }
        return value;
    }
}
