package org.halvs.ha.sync;

import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.SyncPort;

/** What this node tells another one: a full copy page by page, and changes. Pure; confined to one thread. Times are in nanoseconds. */
final class OutgoingStream {
    /** Messages on their way at most: so much may stand in front of a heartbeat in the channel. */
    private static final int WINDOW = 4;
    /** Time between two pages: 16 MB/s at most. */
    private static final long PAGE_NANOS = 2_000_000L;
    /** How long the other node hears nothing at most. */
    private static final long ALIVE_NANOS = 5_000_000_000L;

    private final long id;
    private long cursor = ConnectionSync.FIRST_PAGE;
    private boolean pageAsked;
    private long nextPageNanos;
    private long saidNanos;
    private int pages;
    private int pagesTaken;
    private int changes;
    private int changesTaken;
    private long copied;

    /** @param id the number the other node chose */
    OutgoingStream(long id, long nowNanos) {
        this.id = id;
        this.nextPageNanos = nowNanos;
        this.saidNanos = nowNanos;
    }

    long id() {
        return id;
    }

    /** Whether the next page should be asked for now. */
    boolean wantsPage(long nowNanos) {
        return !pageAsked
                && cursor != ConnectionSync.NO_PAGE
                && pages - pagesTaken < WINDOW
                && nowNanos >= nextPageNanos;
    }

    /** When to look again though nothing happens. */
    long wakeNanos() {
        boolean paced = !pageAsked && cursor != ConnectionSync.NO_PAGE && pages - pagesTaken < WINDOW;
        return paced ? nextPageNanos : saidNanos + ALIVE_NANOS;
    }

    /** The page to ask for. */
    long askPage() {
        pageAsked = true;
        return cursor;
    }

    /** The message that carries the page asked for. */
    byte[] page(SyncPort.Page page, long nowNanos) {
        pageAsked = false;
        cursor = page.next();
        nextPageNanos = nowNanos + PAGE_NANOS;
        saidNanos = nowNanos;
        copied += page.count();
        pages++;
        return SyncMessage.page(id, pages, cursor == ConnectionSync.NO_PAGE, page.count(), page.records());
    }

    /** Whether changes may be sent now. */
    boolean mayTell() {
        return changes - changesTaken < WINDOW;
    }

    /** The message that carries changes. */
    byte[] tell(byte[] records, long dropped, long nowNanos) {
        saidNanos = nowNanos;
        changes++;
        return SyncMessage.changes(id, changes, dropped, records);
    }

    /** Whether nothing was said for so long that the other node might wonder. */
    boolean isSilent(long nowNanos) {
        return nowNanos - saidNanos >= ALIVE_NANOS && mayTell();
    }

    void taken(int changesSoFar, int pagesSoFar) {
        changesTaken = Math.clamp(changesSoFar, changesTaken, changes);
        pagesTaken = Math.clamp(pagesSoFar, pagesTaken, pages);
    }

    /** Whether the other node has its full copy. */
    boolean isCopied() {
        return cursor == ConnectionSync.NO_PAGE && pagesTaken == pages;
    }

    /** Records of the full copy so far. */
    long copied() {
        return copied;
    }
}
