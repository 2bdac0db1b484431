package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file descriptor and the calls every kind of them knows. {@link #close} is safe to repeat; that nobody uses the
 * number afterwards is the owner's duty.
 */
final class Descriptor implements AutoCloseable {
    private static final LibcFunction OPEN = LibcFunction.ofInt("open");
    private static final LibcFunction CLOSE = LibcFunction.ofInt("close");
    private static final LibcFunction SOCKET = LibcFunction.ofInt("socket");
    private static final LibcFunction BIND = LibcFunction.ofInt("bind");
    private static final LibcFunction SETSOCKOPT = LibcFunction.ofInt("setsockopt");
    private static final LibcFunction SENDTO = LibcFunction.ofLong("sendto");
    private static final LibcFunction RECVFROM = LibcFunction.ofLong("recvfrom");
    private static final LibcFunction EVENTFD = LibcFunction.ofInt("eventfd");
    private static final LibcFunction READ = LibcFunction.ofLong("read");
    private static final LibcFunction WRITE = LibcFunction.ofLong("write");
    private static final LibcFunction POLL = LibcFunction.ofInt("poll");

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
            long fd = OPEN.call(arena.allocateFrom(file.toString()), flags | O_CLOEXEC, 0);
            return new Descriptor(checked("open", fd, file.toString()), file.toString());
        }
    }

    /**
     * Opens a socket in the network namespace of the calling thread.
     *
     * @param subject what it is for, as messages name it
     */
    static Descriptor socket(int domain, int type, int protocol, String subject) {
        long fd = SOCKET.call(domain, type | SOCK_CLOEXEC, protocol);
        return new Descriptor(checked("socket", fd, subject), subject);
    }

    /**
     * A counter of the kernel that turns readable when {@link #signal} is called: wakes a thread that waits in
     * {@link #awaitReadable}.
     */
    static Descriptor wakeup() {
        return new Descriptor(checked("eventfd", EVENTFD.call(0, EFD_CLOEXEC_NONBLOCK), "wake-up"), "wake-up");
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
        checked("bind", BIND.call(number, address, address.byteSize()), subject);
    }

    /** Sets an option whose value is an {@code int}. */
    void option(int level, int name, int value) {
        try (Arena arena = Arena.ofConfined()) {
            option(level, name, arena.allocateFrom(ValueLayout.JAVA_INT, value));
        }
    }

    void option(int level, int name, MemorySegment value) {
        long result = SETSOCKOPT.call(number, level, name, value, value.byteSize());
        checked("setsockopt " + level + "/" + name, result, subject);
    }

    /**
     * Sends one datagram, without ever waiting.
     *
     * @param destination a socket address, or {@link MemorySegment#NULL} for the one the socket has
     * @throws LinuxException when the kernel refuses; {@code EAGAIN} or {@code ENOBUFS} when its buffers are full
     */
    void send(MemorySegment datagram, MemorySegment destination) {
        long sent =
                SENDTO.call(number, datagram, datagram.byteSize(), MSG_DONTWAIT, destination, destination.byteSize());
        checked("sendto", sent, subject);
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
            long received = RECVFROM.call(number, buffer, buffer.byteSize(), MSG_DONTWAIT, sender, size);
            if (received < 0 && isTransient(Libc.errno())) {
                return -1;
            }
            return checked("recvfrom", received, subject);
        }
    }

    /** Makes a {@link #wakeup} readable; does nothing once it is closed. May be called by any thread, also while another one closes it. */
    synchronized void signal() {
        if (!open) {
            return; // the kernel may have given the number to somebody else
        }
        try (Arena arena = Arena.ofConfined()) {
            long written = WRITE.call(number, arena.allocateFrom(ValueLayout.JAVA_LONG, 1), 8);
            // EAGAIN: the counter is at its end, so the descriptor is readable as it should be
            if (written < 0 && !isTransient(Libc.errno())) {
                throw new LinuxException("write", Libc.errno(), subject);
            }
        }
    }

    /** Makes a {@link #wakeup} unreadable again. */
    void drain() {
        try (Arena arena = Arena.ofConfined()) {
            long read = READ.call(number, arena.allocate(8), 8);
            if (read < 0 && !isTransient(Libc.errno())) {
                throw new LinuxException("read", Libc.errno(), subject);
            }
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
            long ready = POLL.call(entries, descriptors.length, timeoutMillis);
            if (ready < 0 && Libc.errno().equals(Errno.EINTR)) {
                return false;
            }
            return checked("poll", ready, descriptors[0].subject) > 0;
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
        // Linux releases the number whatever close(2) answers, so there is nothing to do about an error
        CLOSE.call(number);
        otherReference.ifPresent(Descriptor::close);
    }

    private static int checked(String call, long result, String subject) {
        if (result < 0) {
            throw new LinuxException(call, Libc.errno(), subject);
        }
        return (int) result;
    }

    private static boolean isTransient(Errno errno) {
        return errno.equals(Errno.EAGAIN) || errno.equals(Errno.EINTR);
    }
}
