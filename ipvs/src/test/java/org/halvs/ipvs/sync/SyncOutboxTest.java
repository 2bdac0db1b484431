package org.halvs.ipvs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SyncOutboxTest {
    private final SyncOutbox outbox = new SyncOutbox();
    private final SyncRecord record = new SyncRecord();

    private void add(int packets) {
        record.inPackets = packets;
        outbox.add(record, 1000);
    }

    /** The packets of the first and last record of what is taken, and how many there are. */
    private static int[] taken(byte @Nullable [] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(Objects.requireNonNull(bytes));
        SyncRecord record = new SyncRecord();
        int first = -1;
        int count = 0;
        while (buffer.hasRemaining()) {
            assertThat(SyncFormat.read(buffer, record)).isTrue();
            first = count++ == 0 ? record.inPackets : first;
        }
        return new int[] {first, record.inPackets, count};
    }

    @Test
    void collectsForAMomentAndThenHandsOver() {
        AtomicInteger ready = new AtomicInteger();
        outbox.whenReady(ready::incrementAndGet);
        assertThat(outbox.dueNanos()).isEqualTo(Long.MAX_VALUE);
        add(1);
        add(2);
        assertThat(outbox.dueNanos()).isEqualTo(20_001_000);
        assertThat(outbox.take()).isNull();
        outbox.flush();
        assertThat(ready).hasValue(1);
        assertThat(taken(outbox.take())).containsExactly(1, 2, 2);
        assertThat(outbox.take()).isNull();
        assertThat(outbox.dueNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aFullBatchIsHandedOverAtOnceAndItsMemoryIsUsedAgain() {
        int expected = 0;
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 2000; i++) {
                add(round * 2000 + i);
            }
            outbox.flush();
            for (byte[] bytes = outbox.take(); bytes != null; bytes = outbox.take()) {
                int[] batch = taken(bytes);
                assertThat(batch[0]).isEqualTo(expected);
                assertThat(bytes.length).isLessThanOrEqualTo(SyncBatch.BYTES);
                expected += batch[2];
            }
        }
        assertThat(expected).isEqualTo(100_000);
        assertThat(outbox.dropped()).isZero();
        assertThat(outbox.made()).isLessThan(6);
    }

    @Test
    void theOldestAreGivenUpWhenTooManyWait() {
        outbox.limit(3);
        for (int i = 0; i < 100_000; i++) {
            add(i);
        }
        outbox.flush();
        int first = -1;
        int last = -1;
        int count = 0;
        for (byte[] bytes = outbox.take(); bytes != null; bytes = outbox.take()) {
            int[] batch = taken(bytes);
            first = first < 0 ? batch[0] : first;
            last = batch[1];
            count += batch[2];
        }
        assertThat(last).isEqualTo(99_999);
        assertThat(first).isEqualTo(100_000 - count);
        assertThat(outbox.dropped()).isEqualTo(100_000 - count);
        assertThat(outbox.made()).isLessThan(6);
    }

    @Test
    void anotherThreadMayTakeMeanwhile() throws Exception {
        int records = 400_000;
        AtomicInteger read = new AtomicInteger();
        Thread taker = Thread.ofPlatform().start(() -> {
            int last = -1;
            while (last < records - 1) {
                byte[] bytes = outbox.take();
                if (bytes == null) {
                    Thread.onSpinWait();
                    continue;
                }
                int[] batch = taken(bytes);
                if (batch[0] <= last || batch[1] - batch[0] != batch[2] - 1) {
                    throw new AssertionError("after " + last + " came " + batch[0] + " to " + batch[1]);
                }
                last = batch[1];
                read.addAndGet(batch[2]);
            }
        });
        for (int i = 0; i < records; i++) {
            add(i);
        }
        outbox.flush();
        taker.join(30_000);
        assertThat(taker.isAlive()).isFalse();
        assertThat(read.get() + outbox.dropped()).isEqualTo(records);
    }
}
