package org.halvs.ipvs.admin;

import java.math.BigInteger;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.linux.IpAddress;

/** Texts read as the C library reads them, because that is what ipvsadm accepts. */
final class CText {
    private static final Pattern DECIMAL = Pattern.compile("[ \\t\\n\\x0B\\f\\r]*([+-]?[0-9]+)");
    private static final BigInteger UNSIGNED_INT_MAX = BigInteger.valueOf(0xffffffffL);

    private CText() {}

    /** A whole decimal number between {@code min} and {@code max}; blanks before it and a sign are allowed, as in {@code strtol}. */
    static OptionalInt number(String text, int min, int max) {
        Optional<BigInteger> value = decimal(text);
        if (value.isEmpty()
                || value.get().compareTo(BigInteger.valueOf(min)) < 0
                || value.get().compareTo(BigInteger.valueOf(max)) > 0) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(value.get().intValueExact());
    }

    /** A firewall mark, 1 to 4294967295. */
    static Optional<Long> mark(String text) {
        return decimal(text)
                .filter(value -> value.signum() > 0 && value.compareTo(UNSIGNED_INT_MAX) <= 0)
                .map(BigInteger::longValueExact);
    }

    private static Optional<BigInteger> decimal(String text) {
        Matcher matcher = DECIMAL.matcher(text);
        return matcher.matches() ? Optional.of(new BigInteger(unsigned(matcher.group(1)))) : Optional.empty();
    }

    /** The number {@code text} begins with, 0 when it begins with none, as {@code atoi}; beyond 9 digits whatever does not fit is -1. */
    static int leadingNumber(String text) {
        Matcher matcher = DECIMAL.matcher(text);
        if (!matcher.lookingAt()) {
            return 0;
        }
        BigInteger value = new BigInteger(unsigned(matcher.group(1)));
        return value.bitLength() < 32 ? value.intValueExact() : -1;
    }

    private static String unsigned(String digits) {
        return digits.startsWith("+") ? digits.substring(1) : digits;
    }

    /**
     * An IPv4 address in the forms of {@code inet_aton}: one to four parts, the last one filling what is left, each decimal, octal (leading
     * 0) or hexadecimal (leading 0x). So {@code 300} is 0.0.1.44.
     */
    static Optional<IpAddress> ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length > 4) {
            return Optional.empty();
        }
        long word = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            long limit = last ? 0xffffffffL >>> (8 * i) : 255;
            long part = part(parts[i]);
            if (part < 0 || part > limit) {
                return Optional.empty();
            }
            word |= last ? part : part << (24 - 8 * i);
        }
        return Optional.of(IpAddress.ofIpv4((int) word));
    }

    /** One part of an address, or -1 when it is no number below 2^32. */
    private static long part(String text) {
        boolean hex = text.startsWith("0x") || text.startsWith("0X");
        boolean octal = !hex && text.length() > 1 && text.charAt(0) == '0';
        String digits = hex ? text.substring(2) : text;
        int radix = hex ? 16 : octal ? 8 : 10;
        if (digits.isEmpty()
                || digits.length() > 12
                || !digits.chars().allMatch(c -> c < 128 && Character.digit(c, radix) >= 0)) {
            return -1;
        }
        long value = Long.parseLong(digits, radix);
        return value > 0xffffffffL ? -1 : value;
    }

    static boolean allDigits(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
