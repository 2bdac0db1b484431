package org.halvs.ipvs.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.halvs.linux.MappedMemory;

/**
 * The hash buckets of a {@link ConnectionTable}: the first entry of each, 4 bytes a bucket. There are two buckets an entry, so that most look-ups
 * meet the right one first. Buckets are split one by one as the table grows (linear hashing): no operation ever walks the whole table. Room for
 * all buckets is reserved at once; the system gives memory to it as they come into use.
 */
final class HashBuckets {
    private static final int NONE = ConnectionTable.NONE;
    private static final int FIRST_LEVEL = 10;
    private static final int MOST_LEVEL = 30;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final MemorySegment MEMORY = MappedMemory.EVERYTHING;

    private final ConnectionTable table;
    /** Unmapped when nobody holds the table any more. */
    private final MemorySegment reserved;

    private final long base;
    private final int most;
    /** Buckets in use: {@code 2^level + split}. */
    private int level = FIRST_LEVEL;

    private int split;
    private int inUse = 1 << FIRST_LEVEL;
    private long changes;

    HashBuckets(ConnectionTable table, int capacity) {
        this.table = table;
        long wanted = 1L << FIRST_LEVEL;
        while (wanted < 2L * capacity && wanted < 1L << MOST_LEVEL) {
            wanted <<= 1;
        }
        reserved = MappedMemory.reserve(wanted * Integer.BYTES, (long) Integer.BYTES << FIRST_LEVEL, Arena.ofAuto());
        base = reserved.address();
        most = (int) (reserved.byteSize() / Integer.BYTES);
    }

    /** The first entry of the bucket of a hash, or {@link ConnectionTable#NONE}. */
    int first(int hash) {
        return head(bucket(hash));
    }

    /** How often entries were linked or unlinked. */
    long changes() {
        return changes;
    }

    /** Puts an entry at the head of its bucket. */
    void link(int index, int hash) {
        changes++;
        int bucket = bucket(hash);
        table.chain(index, head(bucket));
        head(bucket, index);
    }

    void unlink(int index, int hash) {
        changes++;
        int bucket = bucket(hash);
        int next = table.chain(index);
        int before = head(bucket);
        if (before == index) {
            head(bucket, next);
            return;
        }
        while (true) {
            int following = table.chain(before);
            if (following == index) {
                table.chain(before, next);
                return;
            }
            before = following;
        }
    }

    /** Makes buckets for one entry more; called with each that is added. */
    void grow(int size) {
        // Twice, so that there are two buckets an entry in the end.
        splitOne(size);
        splitOne(size);
    }

    /** Shares the entries of the oldest bucket with a new one. Both keep the order the entries had. */
    private void splitOne(int size) {
        int added = inUse;
        if (added >= 2L * size || added >= most) {
            return;
        }
        int from = split;
        inUse++;
        if (++split == 1 << level) {
            level++;
            split = 0;
        }
        int lastStaying = NONE;
        int lastMoving = NONE;
        int index = head(from);
        head(from, NONE);
        while (index != NONE) {
            int next = table.chain(index);
            table.chain(index, NONE);
            if (bucket(table.entryHash(index)) == from) {
                append(from, lastStaying, index);
                lastStaying = index;
            } else {
                append(added, lastMoving, index);
                lastMoving = index;
            }
            index = next;
        }
    }

    private void append(int bucket, int last, int index) {
        if (last == NONE) {
            head(bucket, index);
        } else {
            table.chain(last, index);
        }
    }

    private int bucket(int hash) {
        int low = hash & (1 << level) - 1;
        return low < split ? hash & (1 << level + 1) - 1 : low;
    }

    private long at(int bucket) {
        return (base & MappedMemory.ADDRESS) + (long) Objects.checkIndex(bucket, inUse) * Integer.BYTES;
    }

    // Heads are kept plus one, so that memory never written means an empty bucket.

    private int head(int bucket) {
        return MEMORY.get(INT, at(bucket)) - 1;
    }

    private void head(int bucket, int index) {
        MEMORY.set(INT, at(bucket), index + 1);
    }
}
