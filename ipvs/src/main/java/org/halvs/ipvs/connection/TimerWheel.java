package org.halvs.ipvs.connection;

import java.util.Arrays;

/**
 * A hierarchical timer wheel over the entries of a {@link ConnectionTable}: two rings of 1024 slots and one of 512, the finest slots 2^24 ns
 * (17 ms) wide, which reach four weeks; what lies behind waits in the last slot and is looked at again. Entries are linked through fields of their
 * own; scheduling and cancelling take constant time.
 *
 * <p>A ring reaches over two slots of the next coarser one. So the entries of a coarse slot can move to finer slots all the while the slot before
 * it lasts, some with each tick, and a slot that holds the whole table costs no pause.
 */
final class TimerWheel {
    private static final int TICK_BITS = 24;
    /** Slots of a ring to one of the next coarser. */
    private static final int SPAN_BITS = 9;

    private static final int SPAN = 1 << SPAN_BITS;
    private static final int RING = 2 * SPAN;
    private static final int MIDDLE = RING;
    private static final int COARSE = 2 * RING;
    private static final int LATER = 2 * RING + SPAN;
    private static final int NONE = ConnectionTable.NONE;
    /** Of the table, what moves with a tick at most; less than the ticks of a span. */
    private static final int SHARES = 400;

    private final ConnectionTable table;
    private final long origin;
    /** The first entry of each slot; the slot {@link #LATER} holds entries that wait while their slot is emptied. */
    private final int[] heads = new int[LATER + 1];

    /** The tick whose slot is due now; all earlier ones are empty. */
    private long tick;

    TimerWheel(ConnectionTable table, long nowNanos) {
        this.table = table;
        this.origin = nowNanos;
        Arrays.fill(heads, NONE);
    }

    void schedule(int index, long deadlineNanos) {
        long due = Math.max(tick, deadlineNanos - origin >> TICK_BITS);
        long dueMiddle = due >>> SPAN_BITS;
        int slot;
        if (dueMiddle < (tick >>> SPAN_BITS) + 2) {
            slot = (int) (due & RING - 1);
        } else if (dueMiddle >>> SPAN_BITS < (tick >>> 2 * SPAN_BITS) + 2) {
            slot = MIDDLE + (int) (dueMiddle & RING - 1);
        } else {
            long last = (tick >>> 2 * SPAN_BITS) + SPAN - 1;
            slot = COARSE + (int) (Math.min(dueMiddle >>> SPAN_BITS, last) & SPAN - 1);
        }
        push(index, slot);
    }

    void cancel(int index) {
        int next = table.wheelNext(index);
        int previous = table.wheelPrevious(index);
        if (previous <= -2) {
            heads[-previous - 2] = next;
        } else {
            table.wheelNext(previous, next);
        }
        if (next != NONE) {
            table.wheelPrevious(next, previous);
        }
    }

    void advance(long nowNanos, ConnectionTable.ExpiryListener listener) {
        long until = Math.max(tick, nowNanos - origin >> TICK_BITS);
        while (true) {
            drain((int) (tick & RING - 1), nowNanos, listener);
            if (tick == until) {
                return;
            }
            if (table.size() == 0) {
                tick = until;
                return;
            }
            tick++;
            int share = (tick & SPAN - 1) == SPAN - 1 ? Integer.MAX_VALUE : table.limit() / SHARES + 1;
            spread(MIDDLE + (int) ((tick >>> SPAN_BITS) + 1 & RING - 1), share);
            boolean last = (tick & (1 << 2 * SPAN_BITS) - 1) == (1 << 2 * SPAN_BITS) - 1;
            spread(COARSE + (int) ((tick >>> 2 * SPAN_BITS) + 1 & SPAN - 1), last ? Integer.MAX_VALUE : share);
        }
    }

    /** Moves some entries of a coarse slot, the next to come into reach, to finer ones. */
    private void spread(int slot, int most) {
        for (int moved = 0; moved < most && heads[slot] != NONE; moved++) {
            int index = heads[slot];
            cancel(index);
            schedule(index, table.expiresNanos(index));
        }
    }

    /** Fires what is due in a fine slot; what is not, because its deadline moved or is later in this tick, is scheduled again. */
    private void drain(int slot, long nowNanos, ConnectionTable.ExpiryListener listener) {
        while (heads[slot] != NONE) {
            int index = heads[slot];
            if (table.expiresNanos(index) <= nowNanos) {
                listener.expired(index, nowNanos);
            } else {
                cancel(index);
                push(index, LATER);
            }
        }
        while (heads[LATER] != NONE) {
            int index = heads[LATER];
            cancel(index);
            schedule(index, table.expiresNanos(index));
        }
    }

    private void push(int index, int slot) {
        int head = heads[slot];
        table.wheelNext(index, head);
        table.wheelPrevious(index, -slot - 2);
        if (head != NONE) {
            table.wheelPrevious(head, index);
        }
        heads[slot] = index;
    }
}
