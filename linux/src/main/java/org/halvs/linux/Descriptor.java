package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file descriptor and the calls every kind of them knows. {@link #close} is safe to repeat; that nobody uses the
 * number afterwards is the owner's duty.
 */
final class Descriptor implements AutoCloseable {
    private static final MethodHandle OPEN = Libc.bind(
            "open",
            FunctionDescriptor.of(Libc.INT, Libc.POINTER, Libc.INT, Libc.INT),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = Libc.bind("close", FunctionDescriptor.of(Libc.INT, Libc.INT));
    private static final MethodHandle SOCKET =
            Libc.bind("socket", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT));
    private static final MethodHandle BIND =
            Libc.bind("bind", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle SETSOCKOPT = Libc.bind(
            "setsockopt", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle SENDTO = Libc.bind(
            "sendto",
            FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.SIZE_T, Libc.INT, Libc.POINTER, Libc.INT));
    private static final MethodHandle RECVFROM = Libc.bind(
            "recvfrom",
            FunctionDescriptor.of(
                    Libc.LONG, Libc.INT, Libc.POINTER, Libc.SIZE_T, Libc.INT, Libc.POINTER, Libc.POINTER));
    private static final MethodHandle EVENTFD =
            Libc.bind("eventfd", FunctionDescriptor.of(Libc.INT, Libc.INT, Libc.INT));
    private static final MethodHandle READ =
            Libc.bind("read", FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.SIZE_T));
    private static final MethodHandle WRITE =
            Libc.bind("write", FunctionDescriptor.of(Libc.LONG, Libc.INT, Libc.POINTER, Libc.SIZE_T));
    private static final MethodHandle POLL =
            Libc.bind("poll", FunctionDescriptor.of(Libc.INT, Libc.POINTER, Libc.LONG, Libc.INT));

    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
    private static final int MSG_DONTWAIT = 0x40;
    private static final short POLLIN = 1;

    private final int number;
    private final String subject;
    private final Optional<Descriptor> otherReference;
    private volatile boolean open = true;

    private Descriptor(int number, String subject) {
        this(number, subject, Optional.empty());
    }

    private Descriptor(int number, String subject, Optional<Descriptor> otherReference) {
        this.number = number;
        this.subject = subject;
        this.otherReference = otherReference;
    }

    static Descriptor openForReading(Path file) {
        return open(file, 0);
    }

    static Descriptor openForReadingAndWriting(Path file) {
        return open(file, O_RDWR);
    }

    private static Descriptor open(Path file, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int)
                    OPEN.invokeExact(Libc.errnoBuffer(), arena.allocateFrom(file.toString()), flags | O_CLOEXEC, 0);
            return new Descriptor(checked("open", fd, file.toString()), file.toString());
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /**
     * Opens a socket in the network namespace of the calling thread.
     *
     * @param subject what it is for, as messages name it
     */
    static Descriptor socket(int domain, int type, int protocol, String subject) {
        try {
            int fd = (int) SOCKET.invokeExact(Libc.errnoBuffer(), domain, type | SOCK_CLOEXEC, protocol);
            return new Descriptor(checked("socket", fd, subject), subject);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /**
     * A counter of the kernel that turns readable when {@link #signal} is called: wakes a thread that waits in
     * {@link #awaitReadable}.
     */
    static Descriptor wakeup() {
        try {
            int fd = (int) EVENTFD.invokeExact(Libc.errnoBuffer(), 0, EFD_CLOEXEC_NONBLOCK);
            return new Descriptor(checked("eventfd", fd, "wake-up"), "wake-up");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /**
     * As {@link #socket}, for one that the kernel takes milliseconds to close, as it does with a packet socket ({@code synchronize_net}, {@code net/packet/af_packet.c}).
     * When the process is killed it is closed after all others, since other nodes wait for the end of those that tell of it.
     */
    static Descriptor slowSocket(int domain, int type, int protocol, String subject) {
        return socket(domain, type, protocol, subject).closedLast();
    }

    /** This one in another object: a killed process closes it after all others. */
    Descriptor closedLast() {
        Optional<Descriptor> reference;
        try {
            reference = Optional.of(UnreadReference.to(number, subject));
        } catch (LinuxException e) {
            reference = Optional.empty(); // too many files are open; it works as well
        }
        return new Descriptor(number, subject, reference);
    }

    /** Takes over a number the kernel has given out. */
    static Descriptor adopt(int number, String subject) {
        return new Descriptor(number, subject);
    }

    int number() {
        return number;
    }

    void bind(MemorySegment address) {
        try {
            int result = (int) BIND.invokeExact(Libc.errnoBuffer(), number, address, (int) address.byteSize());
            checked("bind", result, subject);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Sets an option whose value is an {@code int}. */
    void option(int level, int name, int value) {
        try (Arena arena = Arena.ofConfined()) {
            option(level, name, arena.allocateFrom(ValueLayout.JAVA_INT, value));
        }
    }

    void option(int level, int name, MemorySegment value) {
        try {
            int result = (int)
                    SETSOCKOPT.invokeExact(Libc.errnoBuffer(), number, level, name, value, (int) value.byteSize());
            checked("setsockopt " + level + "/" + name, result, subject);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /**
     * Sends one datagram, without ever waiting.
     *
     * @param destination a socket address, or {@link MemorySegment#NULL} for the one the socket has
     * @throws LinuxException when the kernel refuses; {@code EAGAIN} or {@code ENOBUFS} when its buffers are full
     */
    void send(MemorySegment datagram, MemorySegment destination) {
        try {
            long sent = (long) SENDTO.invokeExact(
                    Libc.errnoBuffer(), number, datagram, datagram.byteSize(), MSG_DONTWAIT, destination, (int)
                            destination.byteSize());
            checked("sendto", (int) sent, subject);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /**
     * Receives one datagram if one is there, without waiting.
     *
     * @return its length, cut to the size of {@code buffer}; -1 when there is none
     * @throws LinuxException {@code ENOBUFS} when a netlink socket lost messages
     */
    int receive(MemorySegment buffer) {
        return receive(buffer, MemorySegment.NULL);
    }

    /**
     * As {@link #receive(MemorySegment)}, and leaves in {@code sender} from where it came.
     *
     * @param sender as large as the socket addresses of the family, or {@link MemorySegment#NULL}
     */
    int receive(MemorySegment buffer, MemorySegment sender) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = sender.equals(MemorySegment.NULL)
                    ? MemorySegment.NULL
                    : arena.allocateFrom(ValueLayout.JAVA_INT, (int) sender.byteSize());
            long received = (long) RECVFROM.invokeExact(
                    Libc.errnoBuffer(), number, buffer, buffer.byteSize(), MSG_DONTWAIT, sender, size);
            if (received < 0 && isTransient(Libc.errno())) {
                return -1;
            }
            return checked("recvfrom", (int) received, subject);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Makes a {@link #wakeup} readable; does nothing once it is closed. May be called by any thread, also while another one closes it. */
    synchronized void signal() {
        if (!open) {
            return; // the kernel may have given the number to somebody else
        }
        try (Arena arena = Arena.ofConfined()) {
            long written = (long)
                    WRITE.invokeExact(Libc.errnoBuffer(), number, arena.allocateFrom(ValueLayout.JAVA_LONG, 1), 8L);
            // EAGAIN: the counter is at its end, so the descriptor is readable as it should be
            if (written < 0 && !isTransient(Libc.errno())) {
                throw new LinuxException("write", Libc.errno(), subject);
            }
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Makes a {@link #wakeup} unreadable again. */
    void drain() {
        try (Arena arena = Arena.ofConfined()) {
            long read = (long) READ.invokeExact(Libc.errnoBuffer(), number, arena.allocate(8), 8L);
            if (read < 0 && !isTransient(Libc.errno())) {
                throw new LinuxException("read", Libc.errno(), subject);
            }
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /**
     * Waits until one of the descriptors has something to read, an error included. Platform threads only.
     *
     * @param timeoutMillis how long at most; 0 only looks, a negative number waits for ever
     * @return whether one has; false after the time, or when a signal interrupted the wait
     */
    static boolean awaitReadable(int timeoutMillis, Descriptor... descriptors) {
        Libc.requirePlatformThread("poll");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entries = arena.allocate(8L * descriptors.length, 8); // struct pollfd
            for (int i = 0; i < descriptors.length; i++) {
                entries.set(ValueLayout.JAVA_INT, 8L * i, descriptors[i].number);
                entries.set(ValueLayout.JAVA_SHORT, 8L * i + 4, POLLIN);
            }
            int ready = (int) POLL.invokeExact(Libc.errnoBuffer(), entries, (long) descriptors.length, timeoutMillis);
            if (ready < 0 && Libc.errno().equals(Errno.EINTR)) {
                return false;
            }
            return checked("poll", ready, descriptors[0].subject) > 0;
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /** Whether {@link #close} was not called yet. */
    boolean isOpen() {
        return open;
    }

    @Override
    public synchronized void close() {
        if (!open) {
            return;
        }
        open = false;
        try {
            // Linux releases the number whatever close(2) answers, so there is nothing to do about an error
            int ignored = (int) CLOSE.invokeExact(Libc.errnoBuffer(), number);
        } catch (Throwable e) {
            throw rethrow(e);
        }
        otherReference.ifPresent(Descriptor::close);
    }

    private static int checked(String call, int result, String subject) {
        if (result < 0) {
            throw new LinuxException(call, Libc.errno(), subject);
        }
        return result;
    }

    private static boolean isTransient(Errno errno) {
        return errno.equals(Errno.EAGAIN) || errno.equals(Errno.EINTR);
    }

    private static RuntimeException rethrow(Throwable thrown) {
        return thrown instanceof RuntimeException known ? known : Libc.impossible(thrown);
    }
}
