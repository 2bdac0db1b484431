package org.halvs.check.runner;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Function;
import org.halvs.check.ProbeKey;

/**
 * Which probe is due when. No clock and no threads: time comes in, {@link Effects} go out. Confined to one thread.
 *
 * <p>Every probe has a fixed grid of start times {@code phase + n * interval}; the phase follows from a hash of its key, so the load is even
 * and stays so when other probes come and go. The first start of a new probe does not wait for its grid; many new ones are only spaced by
 * {@link #FIRST_START_SPACING_NANOS}.
 */
final class ProbeSchedule {
    /** Distance between the first starts of probes that are added together: 10,000 a second. */
    static final long FIRST_START_SPACING_NANOS = 100_000;

    /** Probes are due at whole fiftieths of a second, so that several share one wake-up, always the same ones. */
    static final long TICK_NANOS = 20_000_000;

    /** Intervals of less than this many ticks are not brought to them. */
    private static final int COARSE_TICKS = 5;

    /** As many starts as one call of {@link #advance} asks for; whoever calls it has other things to do in between. */
    private static final int MOST_STARTS = 128;

    /** What the schedule asks for. */
    interface Effects {
        /** Begin a probe that should have begun at {@code dueNanos}; it sets {@link Entry#deadlineNanos()} when it does. */
        void start(Entry entry, long dueNanos);

        /** The deadline of the entry's running probe has passed. */
        void expire(Entry entry);

        /** The entry is not wanted any more. */
        void drop(Entry entry);
    }

    /** One key and what runs of it. */
    interface Entry {
        ProbeKey key();

        /** Whether a probe runs or waits to run, and is awaited. */
        boolean busy();

        /** When the running probe is to be cut off; meaningful while {@link #busy()}. */
        long deadlineNanos();
    }

    private static final class Slot {
        final Entry entry;
        final long hash;
        long intervalNanos;
        boolean dropped;
        boolean deadlineArmed;
        int generation;

        Slot(Entry entry, long hash) {
            this.entry = entry;
            this.hash = hash;
        }

        /** The first point of the slot's grid after {@code nanos}. */
        long gridPointAfter(long nanos) {
            long phase = Long.remainderUnsigned(hash, intervalNanos);
            if (intervalNanos >= COARSE_TICKS * TICK_NANOS) {
                phase -= phase % TICK_NANOS;
            }
            return nanos + intervalNanos - Math.floorMod(nanos - phase, intervalNanos);
        }
    }

    private record Timer(long atNanos, Slot slot, boolean deadline, int generation) {}

    private final Function<ProbeKey, Entry> entryFactory;
    private final Map<ProbeKey, Slot> slots = new LinkedHashMap<>();
    // System.nanoTime may wrap: compare differences, not values
    private final PriorityQueue<Timer> timers = new PriorityQueue<>((a, b) -> Long.signum(a.atNanos - b.atNanos));
    private long skipped;

    ProbeSchedule(Function<ProbeKey, Entry> entryFactory) {
        this.entryFactory = entryFactory;
    }

    int size() {
        return slots.size();
    }

    long skipped() {
        return skipped;
    }

    /** Makes {@code wanted} the set of probes. Those that stay are not disturbed; of two intervals for one key the shorter counts. */
    void replace(Collection<Probe> wanted, long nowNanos, Effects effects) {
        Map<ProbeKey, Long> intervals = new LinkedHashMap<>();
        for (Probe probe : wanted) {
            intervals.merge(probe.key(), probe.interval().toNanos(), Math::min);
        }
        boolean anyDropped = false;
        for (Iterator<Slot> all = slots.values().iterator(); all.hasNext(); ) {
            Slot slot = all.next();
            if (!intervals.containsKey(slot.entry.key())) {
                slot.dropped = true;
                anyDropped = true;
                all.remove();
                effects.drop(slot.entry);
            }
        }
        if (anyDropped) {
            timers.removeIf(timer -> timer.slot.dropped);
        }
        long firstStart = nowNanos;
        for (Map.Entry<ProbeKey, Long> each : intervals.entrySet()) {
            long interval = each.getValue();
            Slot known = slots.get(each.getKey());
            if (known == null) {
                Slot slot = new Slot(entryFactory.apply(each.getKey()), stableHash(each.getKey()));
                slot.intervalNanos = interval;
                slots.put(each.getKey(), slot);
                timers.add(new Timer(firstStart, slot, false, 0));
                firstStart += FIRST_START_SPACING_NANOS;
            } else if (known.intervalNanos != interval) {
                known.intervalNanos = interval;
                known.generation++;
                timers.add(new Timer(known.gridPointAfter(nowNanos), known, false, known.generation));
            }
        }
    }

    /** Drops everything. */
    void clear(Effects effects) {
        List<Slot> all = new ArrayList<>(slots.values());
        slots.clear();
        timers.clear();
        for (Slot slot : all) {
            slot.dropped = true;
            effects.drop(slot.entry);
        }
    }

    /**
     * Does what is due at {@code nowNanos}, or the first part of it when that is much.
     *
     * @return whether anything was started
     */
    boolean advance(long nowNanos, Effects effects) {
        int starts = 0;
        while (starts < MOST_STARTS && !timers.isEmpty() && timers.peek().atNanos - nowNanos <= 0) {
            Timer timer = timers.poll();
            Slot slot = timer.slot;
            if (timer.deadline) {
                checkDeadline(slot, nowNanos, effects);
            } else if (timer.generation == slot.generation && tick(slot, timer.atNanos, nowNanos, effects)) {
                starts++;
            }
        }
        return starts > 0;
    }

    private boolean tick(Slot slot, long dueNanos, long nowNanos, Effects effects) {
        // half an interval of distance: the first start is off the grid, and the second one shall not follow on its
        // heels
        long notBefore = dueNanos + slot.intervalNanos / 2;
        long from = notBefore - nowNanos > 0 ? notBefore : nowNanos;
        timers.add(new Timer(slot.gridPointAfter(from), slot, false, slot.generation));
        if (slot.entry.busy()) {
            skipped++;
            return false;
        }
        effects.start(slot.entry, dueNanos);
        if (!slot.deadlineArmed && slot.entry.busy()) {
            slot.deadlineArmed = true;
            timers.add(new Timer(slot.entry.deadlineNanos(), slot, true, 0));
        }
        return true;
    }

    /** One deadline timer a key serves all its probes: when it fires for one that is over, it is set anew or forgotten. */
    private void checkDeadline(Slot slot, long nowNanos, Effects effects) {
        Entry entry = slot.entry;
        if (!entry.busy()) {
            slot.deadlineArmed = false;
            return;
        }
        if (entry.deadlineNanos() - nowNanos > 0) {
            timers.add(new Timer(entry.deadlineNanos(), slot, true, 0));
            return;
        }
        slot.deadlineArmed = false;
        effects.expire(entry);
    }

    /** When {@link #advance} has something to do next; {@link Long#MAX_VALUE} nanoseconds from now when nothing is scheduled. */
    long nanosUntilNext(long nowNanos) {
        Timer next = timers.peek();
        return next == null ? Long.MAX_VALUE : Math.max(0, next.atNanos - nowNanos);
    }

    /** A hash that is the same in every run of the program, unlike that of a record with an enum in it. */
    private static long stableHash(ProbeKey key) {
        long hash = 0xcbf29ce484222325L;
        String text = key.toString();
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        return hash ^ hash >>> 33;
    }
}
