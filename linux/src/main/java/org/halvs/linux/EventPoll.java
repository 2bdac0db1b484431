package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Lets one thread sleep until one of many streams has something, a time has come, or another thread wakes it ({@code epoll(7)}). What it costs does not
 * depend on how many streams have nothing to say. Waiting allocates nothing.
 */
public final class EventPoll implements AutoCloseable {
    private static final LibcFunction EPOLL_CREATE = LibcFunction.ofInt("epoll_create1");
    private static final LibcFunction EPOLL_CTL = LibcFunction.ofInt("epoll_ctl");
    private static final LibcFunction EPOLL_WAIT = LibcFunction.ofInt("epoll_wait");
    private static final LibcFunction PPOLL = LibcFunction.ofInt("ppoll");
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int EPOLLIN = 1;
    private static final int EPOLLOUT = 4;
    private static final short POLLIN = 1;
    private static final long NANOS = 1_000_000_000;

    /** As many events as one wait can answer with; further ones come with the next. */
    private static final int MOST_EVENTS = 256;

    /** struct epoll_event is packed on x86-64 and on no other machine. */
    private static final boolean PACKED = System.getProperty("os.arch", "").matches("amd64|x86_64");

    private static final int EVENT_BYTES = PACKED ? 12 : 16;
    private static final int DATA_OFFSET = PACKED ? 4 : 8;

    /** Where the low half of a 64-bit value is. */
    private static final int LOW_HALF = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 4;

    private final Descriptor epoll;
    private final Descriptor wakeup;
    private final MemorySegment event = Arena.ofAuto().allocate(16, 8);
    private final MemorySegment events = Arena.ofAuto().allocate((long) EVENT_BYTES * MOST_EVENTS, 8);
    private final MemorySegment entries = Arena.ofAuto().allocate(16, 8); // two of struct pollfd
    private final MemorySegment timeout = Arena.ofAuto().allocate(16, 8); // struct timespec

    public EventPoll() {
        epoll = Descriptor.adopt(create(), "event poll");
        wakeup = Descriptor.wakeup();
        entries.set(ValueLayout.JAVA_INT, 0, epoll.number());
        entries.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
        entries.set(ValueLayout.JAVA_INT, 8, wakeup.number());
        entries.set(ValueLayout.JAVA_SHORT, 12, POLLIN);
    }

    private static int create() {
        int number = (int) EPOLL_CREATE.call(EPOLL_CLOEXEC);
        if (number < 0) {
            throw new LinuxException("epoll_create1", Libc.errno(), "event poll");
        }
        return number;
    }

    /**
     * Waits for {@code stream} too, until that is closed.
     *
     * @param writing whether for a moment at which it takes something to send, and not for one at which there is something to receive
     */
    public void add(TcpStream stream, boolean writing) {
        control(EPOLL_CTL_ADD, stream, writing);
    }

    /** Changes what is waited for with a stream that was added. */
    public void change(TcpStream stream, boolean writing) {
        control(EPOLL_CTL_MOD, stream, writing);
    }

    private void control(int operation, TcpStream stream, boolean writing) {
        event.set(ValueLayout.JAVA_INT, 0, writing ? EPOLLOUT : EPOLLIN);
        event.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA_OFFSET, stream.number());
        if (EPOLL_CTL.call(epoll.number(), operation, stream.number(), event) < 0) {
            throw new LinuxException("epoll_ctl", Libc.errno(), "a TCP connection");
        }
    }

    /**
     * Waits. Platform threads only.
     *
     * @param nanos how long at most; 0 or less only looks
     * @return how many streams have something, an error included; {@link #ready} says which
     */
    public int await(long nanos) {
        Libc.requirePlatformThread("waiting for streams");
        long wait = Math.max(0, nanos);
        timeout.set(ValueLayout.JAVA_LONG, 0, wait / NANOS);
        timeout.set(ValueLayout.JAVA_LONG, 8, wait % NANOS);
        // epoll_wait counts in milliseconds, and its successor that does not is missing on old machines
        long any = PPOLL.call(entries, 2, timeout, MemorySegment.NULL);
        if (any <= 0) {
            return answer("ppoll", any);
        }
        if (entries.get(ValueLayout.JAVA_SHORT, 14) != 0) {
            wakeup.drain();
        }
        return entries.get(ValueLayout.JAVA_SHORT, 6) == 0
                ? 0
                : answer("epoll_wait", EPOLL_WAIT.call(epoll.number(), events, MOST_EVENTS, 0));
    }

    private static int answer(String call, long result) {
        if (result < 0 && Libc.errnoNumber() != Errno.EINTR.number()) {
            throw new LinuxException(call, Libc.errno(), "event poll");
        }
        return (int) Math.max(0, result);
    }

    /** The {@link TcpStream#number()} of a stream the last {@link #await} counted, {@code index} from 0 on. */
    public int ready(int index) {
        return events.get(ValueLayout.JAVA_INT_UNALIGNED, (long) EVENT_BYTES * index + DATA_OFFSET + LOW_HALF);
    }

    /** Ends a wait, or the next one when nobody waits; does nothing once this is closed. May be called by any thread. */
    public void wake() {
        wakeup.signal();
    }

    @Override
    public void close() {
        epoll.close();
        wakeup.close();
    }
}
