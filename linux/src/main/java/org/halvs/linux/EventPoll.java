package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/**
 * Lets one thread sleep until one of many streams has something, a time has come, or another thread wakes it ({@code epoll(7)}). What it costs does not
 * depend on how many streams have nothing to say. Waiting allocates nothing.
 */
public final class EventPoll implements AutoCloseable {
    private static final MethodHandle EPOLL_CREATE =
            Libc.bind("epoll_create1", FunctionDescriptor.of(Libc.INT, Libc.INT));
    private static final MethodHandle EPOLL_CTL =
            Libc.bind("epoll_ctl", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT, Libc.POINTER));
    private static final MethodHandle EPOLL_WAIT =
            Libc.bind("epoll_wait", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.INT, Libc.INT));
    private static final MethodHandle PPOLL =
            Libc.bind("ppoll", FunctionDescriptor.of(Libc.INT, Libc.POINTER, Libc.LONG, Libc.POINTER, Libc.POINTER));
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
        try {
            int number = (int) EPOLL_CREATE.invokeExact(Libc.errnoBuffer(), EPOLL_CLOEXEC);
            if (number < 0) {
                throw new LinuxException("epoll_create1", Libc.errno(), "event poll");
            }
            return number;
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
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
        try {
            int result =
                    (int) EPOLL_CTL.invokeExact(Libc.errnoBuffer(), epoll.number(), operation, stream.number(), event);
            if (result < 0) {
                throw new LinuxException("epoll_ctl", Libc.errno(), "a TCP connection");
            }
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Libc.impossible(e);
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
        try {
            // epoll_wait counts in milliseconds, and its successor that does not is missing on old machines
            int any = (int) PPOLL.invokeExact(Libc.errnoBuffer(), entries, 2L, timeout, MemorySegment.NULL);
            if (any <= 0) {
                return answer("ppoll", any);
            }
            if (entries.get(ValueLayout.JAVA_SHORT, 14) != 0) {
                wakeup.drain();
            }
            return entries.get(ValueLayout.JAVA_SHORT, 6) == 0
                    ? 0
                    : answer("epoll_wait", (int)
                            EPOLL_WAIT.invokeExact(Libc.errnoBuffer(), epoll.number(), events, MOST_EVENTS, 0));
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Libc.impossible(e);
        }
    }

    private static int answer(String call, int result) {
        if (result < 0 && Libc.errnoNumber() != Errno.EINTR.number()) {
            throw new LinuxException(call, Libc.errno(), "event poll");
        }
        return Math.max(0, result);
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
