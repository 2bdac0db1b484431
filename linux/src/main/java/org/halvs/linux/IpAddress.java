package org.halvs.linux;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An IPv4 or IPv6 address as two words, without a name, a zone or any look-up behind it. Immutable.
 *
 * <p>Order is IPv4 before IPv6, then by unsigned value, which is the order in which {@code ipvsadm} lists addresses.
 *
 * @param family which of the two protocols
 * @param high the upper 64 bits of an IPv6 address; 0 for IPv4
 * @param low the lower 64 bits of an IPv6 address; for IPv4 the address as an unsigned 32-bit number
 */
public record IpAddress(Family family, long high, long low) implements Comparable<IpAddress> {

    /** The two versions of the Internet Protocol; {@link #bits()} is the length of an address. */
    public enum Family {
        IPV4(32),
        IPV6(128);

        private final int bits;

        Family(int bits) {
            this.bits = bits;
        }

        /** The length of an address in bits, which is also the longest prefix. */
        public int bits() {
            return bits;
        }

        /** The length of an address in bytes. */
        public int bytes() {
            return bits / 8;
        }
    }

    /** {@code 0.0.0.0}. */
    public static final IpAddress ANY_IPV4 = new IpAddress(Family.IPV4, 0, 0);

    /** {@code ::}. */
    public static final IpAddress ANY_IPV6 = new IpAddress(Family.IPV6, 0, 0);

    private static final int GROUPS = 8;

    public IpAddress {
        if (family == Family.IPV4 && (high != 0 || low >>> 32 != 0)) {
            throw new IllegalArgumentException("an IPv4 address has 32 bits: " + Long.toHexString(low));
        }
    }

    /** The IPv4 address whose four bytes, first one highest, are {@code word}. */
    public static IpAddress ofIpv4(int word) {
        return new IpAddress(Family.IPV4, 0, Integer.toUnsignedLong(word));
    }

    /**
     * The address in network byte order.
     *
     * @param bytes 4 bytes for IPv4, 16 for IPv6; any other length is an {@link IllegalArgumentException}
     */
    public static IpAddress ofBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return switch (bytes.length) {
            case 4 -> ofIpv4(buffer.getInt());
            case 16 -> new IpAddress(Family.IPV6, buffer.getLong(), buffer.getLong());
            default -> throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
        };
    }

    public static IpAddress of(InetAddress address) {
        return ofBytes(address.getAddress());
    }

    /**
     * Reads a literal address: dotted quad, or IPv6 in any form of RFC 4291 section 2.2 (also {@code ::ffff:192.0.2.1}, which stays IPv6).
     * Brackets and zones are not part of an address.
     *
     * @return empty when {@code text} is anything else, a host name among others; nothing is ever looked up
     */
    public static Optional<IpAddress> parse(String text) {
        return text.indexOf(':') >= 0 ? parseIpv6(text) : parseIpv4(text);
    }

    /** As {@link #parse}, for texts the program itself wrote. Fails with {@link IllegalArgumentException} on anything else. */
    public static IpAddress of(String literal) {
        return parse(literal).orElseThrow(() -> new IllegalArgumentException("not an IP address: " + literal));
    }

    private static Optional<IpAddress> parseIpv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        int word = 0;
        for (String part : parts) {
            if (part.isEmpty() || part.length() > 3 || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Optional.empty();
            }
            int octet = Integer.parseInt(part);
            if (octet > 255) {
                return Optional.empty();
            }
            word = word << 8 | octet;
        }
        return Optional.of(ofIpv4(word));
    }

    private static Optional<IpAddress> parseIpv6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return Optional.empty();
        }
        int[] groups = new int[GROUPS];
        int head = 0;
        if (gap != 0) {
            head = readGroups(gap < 0 ? text : text.substring(0, gap), groups, gap < 0);
        }
        if (gap < 0) {
            return head == GROUPS ? Optional.of(ofGroups(groups)) : Optional.empty();
        }
        int[] tailGroups = new int[GROUPS];
        String rest = text.substring(gap + 2);
        int tail = rest.isEmpty() ? 0 : readGroups(rest, tailGroups, true);
        if (head < 0 || tail < 0 || head + tail >= GROUPS) {
            return Optional.empty();
        }
        System.arraycopy(tailGroups, 0, groups, GROUPS - tail, tail);
        return Optional.of(ofGroups(groups));
    }

    /** Reads colon-separated groups into {@code groups}; answers how many, or -1 when the text is malformed. */
    private static int readGroups(String text, int[] groups, boolean mayEndInIpv4) {
        String[] parts = text.split(":", -1);
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (mayEndInIpv4 && i == parts.length - 1 && part.indexOf('.') >= 0) {
                Optional<IpAddress> embedded = parseIpv4(part);
                if (embedded.isEmpty() || count + 2 > GROUPS) {
                    return -1;
                }
                groups[count++] = (int) (embedded.get().low >>> 16);
                groups[count++] = (int) (embedded.get().low & 0xffff);
                continue;
            }
            if (count == GROUPS
                    || part.isEmpty()
                    || part.length() > 4
                    || !part.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
                return -1;
            }
            groups[count++] = Integer.parseInt(part, 16);
        }
        return count;
    }

    private static IpAddress ofGroups(int[] groups) {
        long high = 0;
        long low = 0;
        for (int i = 0; i < 4; i++) {
            high = high << 16 | groups[i];
            low = low << 16 | groups[i + 4];
        }
        return new IpAddress(Family.IPV6, high, low);
    }

    public boolean isIpv4() {
        return family == Family.IPV4;
    }

    /** The four bytes of an IPv4 address as a word, first one highest. Fails with {@link IllegalStateException} for IPv6. */
    public int ipv4() {
        if (!isIpv4()) {
            throw new IllegalStateException(this + " is not an IPv4 address");
        }
        return (int) low;
    }

    /** The address in network byte order, 4 or 16 bytes. */
    public byte[] bytes() {
        return isIpv4()
                ? ByteBuffer.allocate(4).putInt((int) low).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    public InetAddress toInetAddress() {
        try {
            return InetAddress.getByAddress(bytes());
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 or 16 bytes is always accepted", e);
        }
    }

    /** Whether both addresses are of one family and agree in their first {@code prefixLength} bits (0 to the length of the address). */
    public boolean inSamePrefix(IpAddress other, int prefixLength) {
        return family == other.family && masked(prefixLength).equals(other.masked(prefixLength));
    }

    /** The address with all bits after the first {@code prefixLength} (0 to the length of the address) set to zero. */
    public IpAddress masked(int prefixLength) {
        if (prefixLength < 0 || prefixLength > family.bits()) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " for " + this);
        }
        if (isIpv4()) {
            return new IpAddress(family, 0, low & (prefixLength == 0 ? 0 : -1L << (32 - prefixLength) & 0xffffffffL));
        }
        long highMask = prefixLength == 0 ? 0 : prefixLength >= 64 ? -1L : -1L << (64 - prefixLength);
        long lowMask = prefixLength <= 64 ? 0 : prefixLength == 128 ? -1L : -1L << (128 - prefixLength);
        return new IpAddress(family, high & highMask, low & lowMask);
    }

    public boolean isLoopback() {
        return isIpv4() ? low >>> 24 == 127 : high == 0 && low == 1;
    }

    public boolean isMulticast() {
        return isIpv4() ? low >>> 28 == 0xe : high >>> 56 == 0xff;
    }

    public boolean isAny() {
        return high == 0 && low == 0;
    }

    @Override
    public int compareTo(IpAddress other) {
        int byFamily = family.compareTo(other.family);
        if (byFamily != 0) {
            return byFamily;
        }
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** As it stands before a port, or in a URL: an IPv6 address in brackets (RFC 3986 section 3.2.2). */
    public String bracketed() {
        return isIpv4() ? toString() : "[" + this + "]";
    }

    /** Dotted quad, or the text form RFC 5952 recommends for IPv6. */
    @Override
    public String toString() {
        return isIpv4() ? ipv4Text((int) low) : ipv6Text();
    }

    private static String ipv4Text(int word) {
        return (word >>> 24) + "." + (word >>> 16 & 255) + "." + (word >>> 8 & 255) + "." + (word & 255);
    }

    private String ipv6Text() {
        if (high == 0 && low >>> 32 == 0xffff) {
            return "::ffff:" + ipv4Text((int) low);
        }
        int[] groups = new int[GROUPS];
        for (int i = 0; i < 4; i++) {
            groups[i] = (int) (high >>> (48 - 16 * i)) & 0xffff;
            groups[i + 4] = (int) (low >>> (48 - 16 * i)) & 0xffff;
        }
        int gapStart = -1;
        int gapLength = 1; // RFC 5952 section 4.2.2: a single zero group is not shortened
        for (int i = 0; i < GROUPS; i++) {
            int length = 0;
            while (i + length < GROUPS && groups[i + length] == 0) {
                length++;
            }
            if (length > gapLength) {
                gapStart = i;
                gapLength = length;
            }
            i += length;
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
                continue;
            }
            boolean afterGap = gapStart >= 0 && i == gapStart + gapLength;
            if (i > 0 && !afterGap) {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
