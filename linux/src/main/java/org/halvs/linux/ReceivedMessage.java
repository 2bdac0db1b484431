package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;

/**
 * A {@code struct msghdr} of 64-bit Linux that is filled again and again ({@code recvmsg(2)}): one buffer, the sender, and as the only control message when the
 * kernel received it ({@code SO_TIMESTAMPNS}, {@code Documentation/networking/timestamping.rst}).
 */
final class ReceivedMessage {
    private static final int HEADER_BYTES = 56;
    private static final int SENDER_LENGTH_AT = 8;
    private static final int VECTOR_AT = 16;
    private static final int VECTORS_AT = 24;
    private static final int CONTROL_AT = 32;
    private static final int CONTROL_LENGTH_AT = 40;
    private static final int CONTROL_BYTES = 64;
    /** Of a control message: length 8, level 4, type 4, then a {@code struct timespec}. */
    private static final int STAMP_AT = 16;

    private static final int STAMP_BYTES = 16;
    private static final long NANOS_A_SECOND = 1_000_000_000;

    private final MemorySegment header;
    private final MemorySegment control;
    private final int senderBytes;
    private boolean stamped;

    ReceivedMessage(Arena arena, MemorySegment buffer, MemorySegment sender) {
        header = arena.allocate(HEADER_BYTES, 8);
        control = arena.allocate(CONTROL_BYTES, 8);
        senderBytes = (int) sender.byteSize();
        MemorySegment vector = arena.allocate(16, 8); // struct iovec
        vector.set(ValueLayout.ADDRESS, 0, buffer);
        vector.set(ValueLayout.JAVA_LONG, 8, buffer.byteSize());
        header.set(ValueLayout.ADDRESS, 0, sender);
        header.set(ValueLayout.ADDRESS, VECTOR_AT, vector);
        header.set(ValueLayout.JAVA_LONG, VECTORS_AT, 1);
        header.set(ValueLayout.ADDRESS, CONTROL_AT, control);
    }

    /** How many bytes were received, or the negative error. */
    int receive(int socket) {
        header.set(ValueLayout.JAVA_INT, SENDER_LENGTH_AT, senderBytes);
        header.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH_AT, CONTROL_BYTES);
        int length = SocketCalls.receiveMessage(socket, header);
        stamped = length >= 0 && header.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH_AT) >= STAMP_AT + STAMP_BYTES;
        return length;
    }

    /** Nanoseconds since the kernel received it; 0 where the kernel does not say, or the clock was set back since. */
    long ageNanos() {
        if (!stamped) {
            return 0;
        }
        Instant now = Instant.now();
        long seconds = now.getEpochSecond() - control.get(ValueLayout.JAVA_LONG, STAMP_AT);
        long nanos = now.getNano() - control.get(ValueLayout.JAVA_LONG, STAMP_AT + Long.BYTES);
        return Math.max(0, seconds * NANOS_A_SECOND + nanos);
    }
}
