package org.halvs.ipvs.connection;

import java.util.Arrays;

/**
 * A hierarchical timer wheel over the entries of a {@link ConnectionTable}: three rings of 512 slots, the finest 2^27 ns (134 ms) wide, which
 * reach a year. Entries are linked through fields of their own; scheduling and cancelling take constant time.
 */
final class TimerWheel {
    private static final int TICK_BITS = 27;
    private static final int RING_BITS = 9;
    private static final int RING = 1 << RING_BITS;
    private static final int LEVELS = 3;
    private static final int LATER = RING * LEVELS;
    private static final int NONE = ConnectionTable.NONE;

    private final ConnectionTable table;
    private final long origin;
    /** The first entry of each slot; the slot {@link #LATER} holds entries that wait while their slot is emptied. */
    private final int[] heads = new int[RING * LEVELS + 1];

    /** The tick whose slot is due now; all earlier ones are empty. */
    private long tick;

    TimerWheel(ConnectionTable table, long nowNanos) {
        this.table = table;
        this.origin = nowNanos;
        Arrays.fill(heads, NONE);
    }

    void schedule(int index, long deadlineNanos) {
        long due = Math.max(tick, deadlineNanos - origin >> TICK_BITS);
        long ahead = due - tick;
        int slot;
        if (ahead < RING) {
            slot = (int) (due & RING - 1);
        } else if (due >>> RING_BITS < (tick >>> RING_BITS) + RING) {
            slot = RING + (int) (due >>> RING_BITS & RING - 1);
        } else {
            long last = (tick >>> 2 * RING_BITS) + RING - 1;
            slot = 2 * RING + (int) (Math.min(due >>> 2 * RING_BITS, last) & RING - 1);
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
            tick++;
            if ((tick & RING - 1) == 0) {
                if ((tick >>> RING_BITS & RING - 1) == 0) {
                    spread(2 * RING + (int) (tick >>> 2 * RING_BITS & RING - 1));
                }
                spread(RING + (int) (tick >>> RING_BITS & RING - 1));
            }
        }
    }

    /** Moves the entries of a coarse slot to finer ones. */
    private void spread(int slot) {
        int index = heads[slot];
        heads[slot] = NONE;
        while (index != NONE) {
            int next = table.wheelNext(index);
            schedule(index, table.expiresNanos(index));
            index = next;
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
