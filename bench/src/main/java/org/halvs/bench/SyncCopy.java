package org.halvs.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.SyncBatch;

/** A full copy of a million connections from one director to another: what it costs the thread that forwards, page by page. */
public final class SyncCopy {
    private static final int FLOWS = 1_000_000;
    private static final int ROUNDS = 3;

    private SyncCopy() {}

    public static void main(String[] arguments) {
        Traffic traffic = new Traffic(Path.NAT, FLOWS);
        for (int round = 0; round < ROUNDS; round++) {
            // no services are there yet, as on a standby
            IpvsProcessor standby =
                    new IpvsProcessor(new IpvsProcessor.Options(7 + round, FLOWS + FLOWS / 4, false), 0);
            copy(traffic.processor, standby, round);
        }
    }

    private static void copy(IpvsProcessor active, IpvsProcessor standby, int round) {
        SyncBatch page = new SyncBatch();
        long[] writing = new long[FLOWS / 100];
        long[] reading = new long[writing.length];
        int pages = 0;
        long bytes = 0;
        long records = 0;
        for (long cursor = ConnectionSync.FIRST_PAGE; cursor != ConnectionSync.NO_PAGE; pages++) {
            page.clear();
            long begun = System.nanoTime();
            cursor = active.sync().page(cursor, page, 1);
            writing[pages] = System.nanoTime() - begun;
            byte[] message = page.bytes();
            begun = System.nanoTime();
            standby.sync().adopt(ByteBuffer.wrap(message), 1);
            reading[pages] = System.nanoTime() - begun;
            bytes += message.length;
            records += page.records();
        }
        System.out.printf(
                Locale.ROOT,
                "copy %d: %d records in %d pages, %.1f MB; writing %s; reading %s%n",
                round + 1,
                records,
                pages,
                bytes / 1e6,
                text(writing, pages, records),
                text(reading, pages, records));
    }

    private static String text(long[] nanos, int pages, long records) {
        long[] sorted = Arrays.copyOf(nanos, pages);
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%.0f ms in all, %.0f ns a record, a page %.2f ms at the median, %.2f ms at most",
                Arrays.stream(sorted).sum() / 1e6,
                (double) Arrays.stream(sorted).sum() / records,
                sorted[pages / 2] / 1e6,
                sorted[pages - 1] / 1e6);
    }
}
