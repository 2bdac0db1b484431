package org.halvs.ipvs.capture;

import java.util.Arrays;
import java.util.HexFormat;

/** The bytes of one Ethernet frame, from its header on, without frame check sequence. Immutable. */
public final class FrameBytes {
    private final byte[] bytes;

    private FrameBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A frame of its own copy of {@code bytes}. */
    public static FrameBytes of(byte[] bytes) {
        return new FrameBytes(bytes.clone());
    }

    /** Reads pairs of hexadecimal digits. Anything else is an {@link IllegalArgumentException}. */
    public static FrameBytes ofHex(String digits) {
        return new FrameBytes(HexFormat.of().parseHex(digits));
    }

    public int length() {
        return bytes.length;
    }

    /** The byte at {@code index}, 0 to 255. */
    public int at(int index) {
        return bytes[index] & 0xff;
    }

    /** The two bytes from {@code index} on, the first one higher. */
    public int wordAt(int index) {
        return at(index) << 8 | at(index + 1);
    }

    /** A copy of {@code count} bytes from {@code index} on. */
    public byte[] range(int index, int count) {
        return Arrays.copyOfRange(bytes, index, index + count);
    }

    /** A copy of all bytes. */
    public byte[] toArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FrameBytes that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** In hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
