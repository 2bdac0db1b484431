package org.halvs.ha.sync;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What nodes say to each other about connections, as the network carries it: u8 version, u8 what, u64 stream, then the fields of the record, numbers
 * in network order. A stream is what one node tells another; who listens chooses its number.
 */
sealed interface SyncMessage {
    /** Raised when the layout changes. Nodes of different versions tell each other nothing. */
    byte VERSION = 1;

    int HEADER = 10;

    long stream();

    /**
     * Asks for a full copy, and for all changes from now on.
     *
     * @param incarnation which life of its node asks
     */
    record Request(long stream, long incarnation) implements SyncMessage {}

    /**
     * Changes, or a sign of life when there are no records.
     *
     * @param number counts from 1
     * @param dropped records the sender gave up since it started
     * @param message the whole message, whose records begin at {@code offset}
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes from the network; never compared
    record Changes(long stream, int number, long dropped, byte[] message, int offset) implements SyncMessage {}

    /**
     * A part of a full copy.
     *
     * @param number counts from 1
     * @param count records in it
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes from the network; never compared
    record Page(long stream, int number, boolean last, int count, byte[] message, int offset) implements SyncMessage {}

    /** How many changes and pages have arrived and been taken in. */
    record Acknowledgement(long stream, int changes, int pages) implements SyncMessage {}

    static byte[] request(long stream, long incarnation) {
        return begin(1, stream, 8).putLong(incarnation).array();
    }

    static byte[] changes(long stream, int number, long dropped, byte[] records) {
        return begin(2, stream, 12 + records.length)
                .putInt(number)
                .putLong(dropped)
                .put(records)
                .array();
    }

    static byte[] page(long stream, int number, boolean last, int count, byte[] records) {
        return begin(3, stream, 9 + records.length)
                .putInt(number)
                .put((byte) (last ? 1 : 0))
                .putInt(count)
                .put(records)
                .array();
    }

    static byte[] acknowledgement(long stream, int changes, int pages) {
        return begin(4, stream, 8).putInt(changes).putInt(pages).array();
    }

    private static ByteBuffer begin(int what, long stream, int more) {
        return ByteBuffer.allocate(HEADER + more).put(VERSION).put((byte) what).putLong(stream);
    }

    /** Empty for what is no message of this version. */
    static Optional<SyncMessage> decode(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message);
        if (in.remaining() < HEADER || in.get() != VERSION) {
            return Optional.empty();
        }
        int what = in.get();
        long stream = in.getLong();
        int left = in.remaining();
        return switch (what) {
            case 1 -> left < 8 ? Optional.empty() : Optional.of(new Request(stream, in.getLong()));
            case 2 ->
                left < 12
                        ? Optional.empty()
                        : Optional.of(new Changes(stream, in.getInt(), in.getLong(), message, HEADER + 12));
            case 3 ->
                left < 9
                        ? Optional.empty()
                        : Optional.of(new Page(stream, in.getInt(), in.get() != 0, in.getInt(), message, HEADER + 9));
            case 4 -> left < 8 ? Optional.empty() : Optional.of(new Acknowledgement(stream, in.getInt(), in.getInt()));
            default -> Optional.empty();
        };
    }
}
