package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Lets one thread sleep until one of several sockets has something, a time has come, or another thread wakes it ({@code ppoll(2)}). Allocates nothing. */
public final class SocketPoll implements AutoCloseable {
    private static final LibcFunction PPOLL = LibcFunction.ofInt("ppoll");
    private static final int ENTRY_BYTES = 8; // struct pollfd
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final long NANOS = 1_000_000_000;

    private final Descriptor wakeup = Descriptor.wakeup();
    private final MemorySegment timeout = Arena.ofAuto().allocate(16, 8); // struct timespec
    private MemorySegment entries = MemorySegment.NULL;
    private int count;

    public SocketPoll() {
        watch(List.of());
    }

    /** Replaces the sockets waited for, and reads anew what each of them waits for. Called by the thread that waits. */
    public void watch(List<? extends PollableSocket> sockets) {
        count = sockets.size() + 1;
        entries = Arena.ofAuto().allocate((long) ENTRY_BYTES * count, 8);
        set(0, wakeup.number(), POLLIN);
        for (int i = 0; i < sockets.size(); i++) {
            PollableSocket socket = sockets.get(i);
            set(i + 1, socket.number(), socket.awaitsWriting() ? POLLOUT : POLLIN);
        }
    }

    private void set(int index, int number, short events) {
        entries.set(ValueLayout.JAVA_INT, (long) ENTRY_BYTES * index, number);
        entries.set(ValueLayout.JAVA_SHORT, (long) ENTRY_BYTES * index + 4, events);
    }

    /**
     * Waits. Platform threads only.
     *
     * @param nanos how long at most; 0 or less only looks
     * @return whether anything happened before the time was over
     */
    public boolean await(long nanos) {
        Libc.requirePlatformThread("waiting for sockets");
        long wait = Math.max(0, nanos);
        timeout.set(ValueLayout.JAVA_LONG, 0, wait / NANOS);
        timeout.set(ValueLayout.JAVA_LONG, 8, wait % NANOS);
        long ready = PPOLL.call(entries, count, timeout, MemorySegment.NULL);
        if (ready < 0) {
            if (Libc.errnoNumber() != Errno.EINTR.number()) {
                throw new LinuxException("ppoll", Libc.errno(), count - 1 + " sockets");
            }
            for (int i = 0; i < count; i++) {
                entries.set(ValueLayout.JAVA_SHORT, (long) ENTRY_BYTES * i + 6, (short) 0);
            }
        }
        if (entries.get(ValueLayout.JAVA_SHORT, 6) != 0) {
            wakeup.drain();
        }
        return ready > 0;
    }

    /** Whether the last {@link #await} saw something on a socket, an error included. */
    public boolean isReady(int socket) {
        return entries.get(ValueLayout.JAVA_SHORT, (long) ENTRY_BYTES * (socket + 1) + 6) != 0;
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
