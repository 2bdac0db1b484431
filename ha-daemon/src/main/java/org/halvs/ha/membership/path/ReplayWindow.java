package org.halvs.ha.membership.path;

/**
 * Remembers which sequence numbers of one sender were seen, so that each counts once. Numbers may arrive out of order by less than {@link #SIZE}; older ones
 * count as seen. The sliding window of RFC 4303 section 3.4.3. Not thread-safe.
 */
final class ReplayWindow {
    static final int SIZE = 4096;

    private final long[] bits = new long[SIZE / Long.SIZE];
    private long highest;

    /** Answers whether {@code sequence}, counted from 1, is new, and remembers it. */
    boolean accept(long sequence) {
        if (sequence <= 0 || sequence <= highest - SIZE) {
            return false;
        }
        if (sequence > highest) {
            forget(highest + 1, sequence);
            highest = sequence;
        }
        int slot = (int) (sequence % SIZE);
        long bit = 1L << slot % Long.SIZE;
        if ((bits[slot / Long.SIZE] & bit) != 0) {
            return false;
        }
        bits[slot / Long.SIZE] |= bit;
        return true;
    }

    /** Whether {@code sequence} was accepted before, or is too old to be told. */
    boolean seen(long sequence) {
        if (sequence > highest) {
            return false;
        }
        int slot = (int) (Math.max(0, sequence) % SIZE);
        return sequence <= highest - SIZE || sequence <= 0 || (bits[slot / Long.SIZE] & 1L << slot % Long.SIZE) != 0;
    }

    /** The highest number accepted so far; 0 when there is none. */
    long highest() {
        return highest;
    }

    /** Makes room for the numbers from {@code from} to {@code to}, whose slots were used by numbers that are too old now. */
    private void forget(long from, long to) {
        if (to - from >= SIZE) {
            java.util.Arrays.fill(bits, 0);
            return;
        }
        for (long sequence = from; sequence <= to; sequence++) {
            int slot = (int) (sequence % SIZE);
            bits[slot / Long.SIZE] &= ~(1L << slot % Long.SIZE);
        }
    }
}
