package org.halvs.linux;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Netlink attributes inside an attribute, with numbers in network byte order as nf_tables wants them. Filled once, then {@link #bytes} is used. */
final class NestedAttributes {
    /** {@code NLA_F_NESTED}, to be set in the type of an attribute that holds others. */
    static final int NESTED = 0x8000;

    private static final int HEADER_BYTES = 4;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    NestedAttributes add(int type, byte[] value) {
        byte[] header = ByteBuffer.allocate(HEADER_BYTES)
                .order(ByteOrder.nativeOrder())
                .putShort((short) (HEADER_BYTES + value.length))
                .putShort((short) type)
                .array();
        out.writeBytes(header);
        out.writeBytes(value);
        out.writeBytes(new byte[NetlinkWriter.align(value.length) - value.length]);
        return this;
    }

    NestedAttributes add(int type, int value) {
        return add(type, ByteBuffer.allocate(4).putInt(value).array());
    }

    NestedAttributes add(int type, String value) {
        return add(type, (value + '\0').getBytes(StandardCharsets.UTF_8));
    }

    NestedAttributes add(int type, NestedAttributes value) {
        return add(type | NESTED, value.bytes());
    }

    int size() {
        return out.size();
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
