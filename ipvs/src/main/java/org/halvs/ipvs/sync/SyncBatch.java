package org.halvs.ipvs.sync;

import java.nio.ByteBuffer;

/** Records that are sent together, outside the heap. Belongs to one thread at a time. */
public final class SyncBatch {
    /** Bytes at most: what a message between nodes carries without delaying others much. */
    public static final int BYTES = 32 * 1024 - 64;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
    private int records;

    /** Adds a record; false when there is no room. */
    public boolean add(SyncRecord record) {
        if (buffer.remaining() < SyncFormat.MAX_RECORD) {
            return false;
        }
        SyncFormat.write(record, buffer);
        records++;
        return true;
    }

    public int records() {
        return records;
    }

    /** A copy of all records, as {@link SyncFormat} has them one after the other. */
    public byte[] bytes() {
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }

    public void clear() {
        buffer.clear();
        records = 0;
    }
}
