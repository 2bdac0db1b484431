package org.halvs.linux;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes netlink messages one behind the other into one buffer, {@code netlink(7)}. Numbers are in the machine's byte
 * order, messages and attributes begin at multiples of 4. The buffer grows as needed. Confined to one thread.
 */
final class NetlinkWriter {
    static final int HEADER_BYTES = 16;
    private static final int ATTRIBUTE_HEADER_BYTES = 4;
    private static final int SEQUENCE_OFFSET = 8;

    private ByteBuffer buffer = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
    private int messageStart;

    /** Begins a message; what follows until {@link #end} is its payload. */
    NetlinkWriter begin(int type, int flags) {
        messageStart = buffer.position();
        return u32(0).u16(type).u16(flags).u32(0).u32(0);
    }

    /** Ends the message begun last. */
    NetlinkWriter end() {
        buffer.putInt(messageStart, buffer.position() - messageStart);
        return pad();
    }

    NetlinkWriter u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    NetlinkWriter u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    NetlinkWriter u32(int value) {
        room(4).putInt(value);
        return this;
    }

    NetlinkWriter zeros(int count) {
        room(count).put(new byte[count]);
        return this;
    }

    NetlinkWriter attribute(int type, byte[] value) {
        u16(ATTRIBUTE_HEADER_BYTES + value.length).u16(type);
        room(value.length).put(value);
        return pad();
    }

    NetlinkWriter attribute(int type, IpAddress value) {
        return attribute(type, value.bytes());
    }

    NetlinkWriter attribute(int type, int value) {
        return u16(ATTRIBUTE_HEADER_BYTES + 4).u16(type).u32(value);
    }

    /** A text with the zero byte at its end that the kernel wants. */
    NetlinkWriter attribute(int type, String value) {
        return attribute(type, (value + '\0').getBytes(StandardCharsets.UTF_8));
    }

    /** Gives the messages the numbers {@code first}, {@code first + 1} and so on. */
    void number(int first) {
        int sequence = first;
        int length;
        for (int at = 0; at < buffer.position(); at += align(length)) {
            length = buffer.getInt(at);
            buffer.putInt(at + SEQUENCE_OFFSET, sequence++);
        }
    }

    /** What was written, as a view of the buffer that holds until the next {@link #clear}. */
    MemorySegment written() {
        return MemorySegment.ofBuffer(buffer.duplicate().flip());
    }

    int size() {
        return buffer.position();
    }

    void clear() {
        buffer.clear();
    }

    static int align(int length) {
        return length + 3 & ~3;
    }

    private NetlinkWriter pad() {
        return zeros(align(buffer.position()) - buffer.position());
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(buffer.capacity() * 2, buffer.position() + bytes))
                    .order(ByteOrder.nativeOrder());
            buffer = larger.put(buffer.flip());
        }
        return buffer;
    }
}
