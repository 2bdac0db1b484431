package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Room through which the bytes of {@link TcpStream}s go, one for all streams of a thread. Confined to one thread at a time. */
public final class StreamBuffer {
    private final byte[] bytes;
    private final MemorySegment segment;

    /** @param size how many bytes one call moves at most */
    public StreamBuffer(int size) {
        this.bytes = new byte[size];
        this.segment = Arena.ofAuto().allocate(size, 8);
    }

    /** What was received last, at the beginning of an array that is written again by the next receiving. */
    public byte[] bytes() {
        return bytes;
    }

    MemorySegment segment() {
        return segment;
    }

    /** Answers how many bytes of {@code data} from {@code offset} on it has room for. */
    int fill(byte[] data, int offset) {
        int length = Math.min(data.length - offset, bytes.length);
        MemorySegment.copy(data, offset, segment, ValueLayout.JAVA_BYTE, 0, length);
        return length;
    }

    void take(int length) {
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
    }
}
