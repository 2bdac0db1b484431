package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Lets one thread sleep until one of several rings has a frame, or another thread wakes it. */
public final class RingWaiter implements AutoCloseable {
    private static final LibcFunction POLL = LibcFunction.ofInt("poll");
    private static final int ENTRY_BYTES = 8; // struct pollfd
    private static final short POLLIN = 1;

    private final Descriptor wakeup = Descriptor.wakeup();
    private Arena arena = Arena.ofAuto();
    private MemorySegment entries = MemorySegment.NULL;
    private int count;

    public RingWaiter() {
        watch(List.of());
    }

    /** Replaces the rings waited for. Called by the thread that waits. */
    public void watch(List<PacketRing> rings) {
        count = rings.size() + 1;
        arena = Arena.ofAuto();
        entries = arena.allocate((long) ENTRY_BYTES * count, 8);
        set(0, wakeup);
        for (int i = 0; i < rings.size(); i++) {
            set(i + 1, rings.get(i).descriptor());
        }
    }

    private void set(int index, Descriptor descriptor) {
        entries.set(ValueLayout.JAVA_INT, (long) ENTRY_BYTES * index, descriptor.number());
        entries.set(ValueLayout.JAVA_SHORT, (long) ENTRY_BYTES * index + 4, POLLIN);
    }

    /**
     * Waits. Platform threads only. Returns also when an interface is down or gone; the ring then has no frame.
     *
     * @param timeoutMillis how long at most; 0 only looks
     * @return whether anything happened before the time was over
     */
    public boolean await(int timeoutMillis) {
        Libc.requirePlatformThread("waiting for frames");
        long ready = POLL.call(entries, count, timeoutMillis);
        if (ready < 0 && !Libc.errno().equals(Errno.EINTR)) {
            throw new LinuxException("poll", Libc.errno(), count - 1 + " packet rings");
        }
        if (entries.get(ValueLayout.JAVA_SHORT, 6) != 0) {
            wakeup.drain();
        }
        return ready > 0;
    }

    /**
     * Whether the last {@link #await} saw an error on a ring ({@code POLLERR}): its interface went down or is gone. Until {@link
     * PacketRing#takeError} is called no wait lasts.
     */
    public boolean failed(int ring) {
        return (entries.get(ValueLayout.JAVA_SHORT, (long) ENTRY_BYTES * (ring + 1) + 6) & 0x38) != 0;
    }

    /** Ends a wait, or the next one when nobody waits; does nothing once this is closed. May be called by any thread. */
    public void wake() {
        wakeup.signal();
    }

    @Override
    public void close() {
        wakeup.close();
    }
}
