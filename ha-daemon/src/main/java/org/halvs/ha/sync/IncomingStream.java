package org.halvs.ha.sync;

import java.util.concurrent.TimeUnit;

/** What another node tells this one. Pure; confined to one thread. Times are in nanoseconds. */
final class IncomingStream {
    /** A node that says nothing for so long has forgotten that this one listens. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(15);
    /** The first question may come before the other node is ready to hear it; it is asked again after this time, then after twice as long. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    /** After a loss a new copy is asked for, but not again and again. */
    private static final long RENEW_NANOS = TimeUnit.SECONDS.toNanos(30);

    private long id;
    private long askedNanos;
    private long heardNanos;
    private int arrived;
    private int changes;
    private int pages;
    private boolean copied;
    private long copiedRecords;
    private long copyNanos;
    private long dropped = -1;
    private boolean lost;
    private long patienceNanos = PATIENCE_NANOS / 2;
    private boolean answered;

    /** Asks for a copy from the beginning. Answers the message. */
    byte[] ask(long stream, long incarnation, long nowNanos) {
        id = stream;
        patienceNanos = answered ? PATIENCE_NANOS : Math.min(2 * patienceNanos, SILENCE_NANOS);
        answered = false;
        askedNanos = nowNanos;
        heardNanos = nowNanos;
        arrived = 0;
        changes = 0;
        pages = 0;
        copied = false;
        copiedRecords = 0;
        dropped = -1;
        lost = false;
        return SyncMessage.request(stream, incarnation);
    }

    long id() {
        return id;
    }

    boolean isOf(long stream) {
        return id == stream;
    }

    /** Whether a new copy is needed: nothing is heard any more, or something was lost. */
    boolean isToBeAsked(long nowNanos) {
        return nowNanos - heardNanos >= (answered ? SILENCE_NANOS : patienceNanos)
                || lost && nowNanos - askedNanos >= RENEW_NANOS;
    }

    /** When to look again though nothing happens. */
    long wakeNanos() {
        long silence = heardNanos + (answered ? SILENCE_NANOS : patienceNanos);
        return lost ? Math.min(askedNanos + RENEW_NANOS, silence) : silence;
    }

    /** Changes arrived. */
    void heard(SyncMessage.Changes message, long nowNanos) {
        heard(nowNanos);
        lost |= dropped >= 0 && message.dropped() != dropped || message.number() != arrived + 1;
        arrived = message.number();
        dropped = message.dropped();
    }

    /** Anything arrived. */
    void heard(long nowNanos) {
        heardNanos = nowNanos;
        answered = true;
    }

    /** Changes were taken in. Answers the message that says so. */
    byte[] took(SyncMessage.Changes message) {
        changes = message.number();
        return SyncMessage.acknowledgement(id, changes, pages);
    }

    /** A page was taken in. Answers the message that says so. */
    byte[] took(SyncMessage.Page page, long nowNanos) {
        pages = page.number();
        copiedRecords += page.count();
        if (page.last()) {
            copied = true;
            copyNanos = nowNanos - askedNanos;
        }
        return SyncMessage.acknowledgement(id, changes, pages);
    }

    /** Whether the full copy is here. */
    boolean isCopied() {
        return copied;
    }

    long copiedRecords() {
        return copiedRecords;
    }

    /** How long the copy took, from question to end. */
    long copyMillis() {
        return copyNanos / 1_000_000;
    }
}
