package org.halvs.ipvs.sync;

import java.nio.ByteBuffer;

/**
 * The connections of a forwarding core as another director sees them: changes are put out, what the other one tells is taken in, all of them can be
 * copied page by page. Confined to the thread that forwards but for {@link #outbox}.
 */
public interface ConnectionSync {
    /** The cursor of the first page. */
    long FIRST_PAGE = 0;
    /** The cursor behind the last page. */
    long NO_PAGE = -1;

    /** Begins or stops putting changes into {@link #outbox}. Off at first. */
    void send(boolean on);

    /** What waits to be sent. Its other side may be used by another thread. */
    SyncOutbox outbox();

    /**
     * Takes in what another director told. A connection of a service that is served here is left alone when it is known: nobody knows better than
     * this director.
     *
     * @param records in {@link SyncFormat}; what can't be read is counted, with all that follows it
     */
    void adopt(ByteBuffer records, long nowNanos);

    /**
     * Writes some of the connections of services served here into a batch: templates first, then the connections that depend on them. A page may
     * be empty though others follow it, since only so many entries are looked at.
     *
     * @param cursor {@link #FIRST_PAGE}, or what the page before answered
     * @return the next page's cursor, or {@link #NO_PAGE}
     */
    long page(long cursor, SyncBatch page, long nowNanos);

    SyncCounters counters();

    /** A core that tells nothing and learns nothing. */
    ConnectionSync NONE = new ConnectionSync() {
        private final SyncOutbox nothing = new SyncOutbox();

        @Override
        public void send(boolean on) {}

        @Override
        public SyncOutbox outbox() {
            return nothing;
        }

        @Override
        public void adopt(ByteBuffer records, long nowNanos) {}

        @Override
        public long page(long cursor, SyncBatch page, long nowNanos) {
            return NO_PAGE;
        }

        @Override
        public SyncCounters counters() {
            return SyncCounters.NONE;
        }
    };
}
