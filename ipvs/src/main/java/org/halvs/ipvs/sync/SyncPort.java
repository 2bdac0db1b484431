package org.halvs.ipvs.sync;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A plane's connections for whoever carries them to another director and from it. Thread-safe: calls leave word with the thread that forwards and
 * return at once; answers come on that thread, so whoever gets them must be quick too.
 */
public interface SyncPort {
    /** Some of the connections of a full copy. */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way to the network; never compared
    record Page(byte[] records, int count, long next) {}

    /** Begins or stops collecting changes. */
    void send(boolean on);

    /** Calls {@code ready} whenever {@link #take} has something. */
    void whenReady(Runnable ready);

    /** The changes that have waited longest, up to {@link SyncBatch#BYTES} of them, or null. One thread only. */
    byte @Nullable [] take();

    /** Takes in records another director sent, beginning at an offset; calls {@code done} when that has happened. */
    void adopt(byte[] message, int offset, Runnable done);

    /** Asks for a page of a full copy, see {@link ConnectionSync#page}. */
    void page(long cursor, Consumer<Page> answer);

    /** Figures of at most a second ago. */
    SyncCounters counters();
}
