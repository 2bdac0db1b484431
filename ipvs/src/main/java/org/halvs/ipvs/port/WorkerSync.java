package org.halvs.ipvs.port;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.SyncBatch;
import org.halvs.ipvs.sync.SyncCounters;
import org.halvs.ipvs.sync.SyncPort;
import org.jspecify.annotations.Nullable;

/** The connections of a worker's processor for other threads: whatever touches them is done by the worker between two batches of packets. */
final class WorkerSync implements SyncPort {
    private final ConnectionSync connections;
    private final Consumer<Runnable> worker;
    private final LongSupplier nanoTime;
    /** Used by the worker for one page after the other. */
    private final SyncBatch page = new SyncBatch();

    private volatile SyncCounters counters = SyncCounters.NONE;

    /** @param worker runs a command on the thread that forwards */
    WorkerSync(ConnectionSync connections, Consumer<Runnable> worker, LongSupplier nanoTime) {
        this.connections = connections;
        this.worker = worker;
        this.nanoTime = nanoTime;
    }

    // ---- called by the worker ----

    /** When the worker has to look again; {@link Long#MAX_VALUE} when nothing waits to be sent. */
    long dueNanos() {
        return connections.outbox().dueNanos();
    }

    /** Lets changes be sent that were collected long enough. */
    void turn(long nowNanos) {
        if (nowNanos >= connections.outbox().dueNanos()) {
            connections.outbox().flush();
        }
    }

    void snapshot() {
        counters = connections.counters();
    }

    // ---- called by others ----

    @Override
    public void send(boolean on) {
        worker.accept(() -> connections.send(on));
    }

    @Override
    public void whenReady(Runnable ready) {
        connections.outbox().whenReady(ready);
    }

    @Override
    public byte @Nullable [] take() {
        return connections.outbox().take();
    }

    @Override
    public void adopt(byte[] message, int offset, Runnable done) {
        worker.accept(() -> {
            try {
                connections.adopt(
                        ByteBuffer.wrap(message, offset, message.length - offset)
                                .slice(),
                        nanoTime.getAsLong());
            } finally {
                done.run();
            }
        });
    }

    @Override
    public void page(long cursor, Consumer<Page> answer) {
        worker.accept(() -> {
            page.clear();
            long next = connections.page(cursor, page, nanoTime.getAsLong());
            answer.accept(new Page(page.bytes(), page.records(), next));
        });
    }

    @Override
    public SyncCounters counters() {
        return counters;
    }
}
