package org.halvs.linux;

import java.util.HexFormat;
import java.util.Optional;

/**
 * An Ethernet address. Immutable.
 *
 * @param value the 48 bits, first byte highest
 */
public record MacAddress(long value) {

    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

    public MacAddress {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("an Ethernet address has 48 bits: " + Long.toHexString(value));
        }
    }

    /**
     * The address in the order of the wire.
     *
     * @param bytes exactly 6 bytes; any other length is an {@link IllegalArgumentException}
     */
    public static MacAddress ofBytes(byte[] bytes) {
        if (bytes.length != 6) {
            throw new IllegalArgumentException("an Ethernet address has 6 bytes, not " + bytes.length);
        }
        long value = 0;
        for (byte b : bytes) {
            value = value << 8 | b & 0xff;
        }
        return new MacAddress(value);
    }

    /** Reads {@code 02:00:5e:00:53:01}; empty when {@code text} is anything else. */
    public static Optional<MacAddress> parse(String text) {
        try {
            byte[] bytes = COLONS.parseHex(text);
            return bytes.length == 6 ? Optional.of(ofBytes(bytes)) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    public byte[] bytes() {
        byte[] bytes = new byte[6];
        for (int i = 0; i < 6; i++) {
            bytes[i] = (byte) (value >>> (40 - 8 * i));
        }
        return bytes;
    }

    @Override
    public String toString() {
        return COLONS.formatHex(bytes());
    }
}
