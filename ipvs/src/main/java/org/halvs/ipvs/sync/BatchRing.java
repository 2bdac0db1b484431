package org.halvs.ipvs.sync;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A bounded queue of batches without locks: one thread puts, any may take. Thread-safe. */
final class BatchRing {
    private final AtomicReferenceArray<@Nullable SyncBatch> slots;
    /** How many were ever taken; only ever grows, which is what makes taking safe. */
    private final AtomicLong taken = new AtomicLong();

    private final AtomicLong put = new AtomicLong();

    BatchRing(int capacity) {
        slots = new AtomicReferenceArray<>(capacity);
    }

    /** Puts a batch at the end; false when there is no room. */
    boolean offer(SyncBatch batch) {
        long at = put.get();
        if (at - taken.get() >= slots.length()) {
            return false;
        }
        slots.set((int) (at % slots.length()), batch);
        put.set(at + 1);
        return true;
    }

    /** Takes the oldest batch, or null. */
    @Nullable
    SyncBatch poll() {
        while (true) {
            long at = taken.get();
            if (at == put.get()) {
                return null;
            }
            SyncBatch batch = slots.get((int) (at % slots.length()));
            if (taken.compareAndSet(at, at + 1)) {
                return batch;
            }
        }
    }

    int size() {
        return (int) Math.max(0, put.get() - taken.get());
    }
}
