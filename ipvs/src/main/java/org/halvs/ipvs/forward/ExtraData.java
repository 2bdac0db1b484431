package org.halvs.ipvs.forward;

import java.util.Arrays;
import org.halvs.ipvs.sync.SyncRecord;
import org.jspecify.annotations.Nullable;

/** What only few connections need, kept beside the table: shifts of sequence numbers, keys of a persistence engine. Number 0 stands for nothing. */
final class ExtraData {
    /** What an FTP client asked for last. */
    enum Ftp {
        ACTIVE,
        PASSIVE,
        EXTENDED_PASSIVE
    }

    /** The data of one connection. */
    static final class Extra {
        Ftp ftp = Ftp.ACTIVE;
        /** What a helper did to the sequence numbers of replies. */
        final SequenceShift out = new SequenceShift();
        /** What the reply at {@link #repliedAt} answered. */
        Ftp replied = Ftp.ACTIVE;
        /** The server's sequence number of the last passive reply that was rewritten; -1 before the first. */
        long repliedAt = -1;
        /** The name of the persistence engine, empty when there is none. */
        String engine = "";
        /** What the engine found in the packet, as a persistence key. */
        String engineKey = "";

        /** Tells the other director. */
        void tell(SyncRecord record) {
            record.helped = out.isActive() || ftp != Ftp.ACTIVE;
            record.helperMode = ftp.ordinal();
            record.shiftInitial = (int) out.initial;
            record.shiftDelta = out.delta;
            record.shiftPrevious = out.previous;
            record.engine = engine;
            record.engineKey = engineKey;
        }

        /** Takes in what the other director told. */
        void learn(SyncRecord record) {
            if (record.helped) {
                ftp = Ftp.values()[Math.min(record.helperMode, Ftp.values().length - 1)];
                out.initial = record.shiftInitial & 0xffffffffL;
                out.delta = record.shiftDelta;
                out.previous = record.shiftPrevious;
            }
            engine = record.engine;
            engineKey = record.engineKey;
        }
    }

    private @Nullable Extra[] entries = new Extra[4];
    private int used = 1;
    private int[] free = new int[4];
    private int freeCount;

    /** A number for new data. */
    int add(Extra extra) {
        int number = freeCount > 0 ? free[--freeCount] : used++;
        if (number >= entries.length) {
            entries = Arrays.copyOf(entries, entries.length * 2);
        }
        entries[number] = extra;
        return number;
    }

    @Nullable
    Extra find(int number) {
        return number == 0 ? null : entries[number];
    }

    void forget(int number) {
        if (number == 0 || entries[number] == null) {
            return;
        }
        entries[number] = null;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, free.length * 2);
        }
        free[freeCount++] = number;
    }
}
