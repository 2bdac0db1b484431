package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.PacketView;

/**
 * Looks up all packets of a batch before the first is processed: reads their buckets, then the first entries of these, then what follows an entry
 * of another client, as one packet in five meets. The reads of one step do not depend on each other, so the processor waits for memory once a step
 * instead of twice a packet. A table that does not fit the caches answers in about half the time.
 */
final class Lookahead {
    /** A table of so few entries is in the fastest cache. */
    private static final int FEW = 256;

    private final ConnectionTable table;
    private int read;

    Lookahead(ConnectionTable table) {
        this.table = table;
    }

    void look(Work[] works, int count) {
        if (table.size() <= FEW) {
            return;
        }
        long changes = table.changes();
        for (int i = 0; i < count; i++) {
            Work work = works[i];
            work.first = work.hashedSide == Work.NOTHING ? ConnectionTable.NONE : table.first(work.hash);
            work.firstChanges = changes;
        }
        int together = 0;
        for (int i = 0; i < count; i++) {
            together ^= table.touch(works[i].first);
        }
        for (int i = 0; i < count; i++) {
            Work work = works[i];
            PacketView view = work.view;
            boolean source = work.hashedSide == Work.SOURCE;
            work.first = table.ofClient(
                    work.first,
                    source ? view.sourceLow : view.destinationLow,
                    source ? view.sourcePort : view.destinationPort);
        }
        // Kept, so that the reads are not optimised away.
        read = together;
    }

    /** What was read for the last batch; means nothing. */
    int read() {
        return read;
    }
}
