package org.halvs.ipvs.sync;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Records that wait to be sent. The worker adds, another thread takes whole batches; neither ever waits for the other, and adding allocates
 * nothing once its batches are there. When too many wait the oldest batch is given up, for newer records say the same or better.
 */
public final class SyncOutbox {
    /** Batches kept when the setting {@code sync_qlen_max} is 0; 4 MiB. */
    public static final int DEFAULT_BATCHES = 128;

    private static final int MOST_BATCHES = 4096;
    /** How long records are collected before a batch that is not full is sent too. */
    private static final long COLLECT_NANOS = 20_000_000L;

    private final BatchRing waiting = new BatchRing(MOST_BATCHES);
    private final BatchRing empty = new BatchRing(MOST_BATCHES);
    private final AtomicLong dropped = new AtomicLong();
    private volatile Runnable listener = () -> {};
    private int limit = DEFAULT_BATCHES;
    private int made;
    private long added;
    private @Nullable SyncBatch current;
    /** A batch given up, to be filled next. */
    private @Nullable SyncBatch spare;

    private long dueNanos = Long.MAX_VALUE;

    /** @param whenReady called by the worker whenever a batch waits to be taken; must return at once */
    public void whenReady(Runnable whenReady) {
        listener = whenReady;
    }

    // ---- the worker's side ----

    /** How many batches may wait, 1 or more; 0 for {@link #DEFAULT_BATCHES}. */
    public void limit(int batches) {
        limit = batches == 0 ? DEFAULT_BATCHES : Math.min(batches, MOST_BATCHES - 2);
    }

    public void add(SyncRecord record, long nowNanos) {
        SyncBatch batch = current;
        if (batch == null) {
            batch = fresh();
            current = batch;
            dueNanos = nowNanos + COLLECT_NANOS;
        }
        if (!batch.add(record)) {
            flush();
            batch = fresh();
            current = batch;
            dueNanos = nowNanos + COLLECT_NANOS;
            batch.add(record);
        }
        added++;
    }

    /** When {@link #flush} is due; {@link Long#MAX_VALUE} while there is nothing to send. */
    public long dueNanos() {
        return dueNanos;
    }

    /** Lets what was collected be taken. */
    public void flush() {
        SyncBatch batch = current;
        if (batch == null) {
            return;
        }
        current = null;
        dueNanos = Long.MAX_VALUE;
        while (waiting.size() >= limit) {
            SyncBatch oldest = waiting.poll();
            if (oldest != null) {
                dropped.addAndGet(oldest.records());
                oldest.clear();
                spare = oldest;
            }
        }
        waiting.offer(batch);
        listener.run();
    }

    private SyncBatch fresh() {
        SyncBatch batch = spare;
        spare = null;
        if (batch == null) {
            batch = empty.poll();
        }
        if (batch == null) {
            made++;
            batch = new SyncBatch();
        }
        return batch;
    }

    /** Records added so far, whatever became of them. */
    public long added() {
        return added;
    }

    /** Batches in existence, for those who look after memory. */
    public int made() {
        return made;
    }

    // ---- the other side ----

    /** The records of the oldest batch, or null when none waits. Called by one thread only. */
    public byte @Nullable [] take() {
        SyncBatch batch = waiting.poll();
        if (batch == null) {
            return null;
        }
        byte[] bytes = batch.bytes();
        batch.clear();
        empty.offer(batch);
        return bytes;
    }

    /** Records given up because too many waited. Any thread may ask. */
    public long dropped() {
        return dropped.get();
    }
}
