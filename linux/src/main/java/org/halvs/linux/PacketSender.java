package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sends Ethernet frames by one interface, many in a system call ({@code sendmmsg(2)} on a {@code packet(7)} socket), straight from wherever they
 * lie. Confined to one thread at a time.
 *
 * <p>Frames take the interface's ordinary way: queueing discipline, tc rules, and taps such as tcpdump see them.
 */
public final class PacketSender implements AutoCloseable {
    private static final LibcFunction SENDMMSG = LibcFunction.ofInt("sendmmsg");
    private static final LibcFunction POLL = LibcFunction.ofInt("poll");

    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_QDISC_BYPASS = 20;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SEND_BUFFER_BYTES = 8 << 20;
    private static final int MSG_DONTWAIT = 0x40;
    private static final short POLLOUT = 4;
    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_IPV6 = 0x86dd;

    // struct mmsghdr (64 bytes): msg_name 0, msg_namelen 8, msg_iov 16, msg_iovlen 24, msg_control 32, msg_controllen
    // 40, msg_flags 48, msg_len 56
    private static final int MESSAGE_BYTES = 64;
    private static final int VECTOR_BYTES = 16;
    private static final int ADDRESS_BYTES = 20;

    /** How long to wait for a full socket buffer to drain before the rest of a batch is given up. */
    private static final int PATIENCE_MILLIS = 2;

    private final String subject;
    private final Descriptor socket;
    private final Arena arena = Arena.ofShared();
    private final int capacity;
    private final boolean virtioHeaders;
    private final MemorySegment messages;
    private final MemorySegment vectors;
    private final MemorySegment headers;
    private final MemorySegment poll;
    private final MemorySegment[] addresses;
    private int queued;
    private long sent;
    private long congested;
    private long refused;
    private Errno lastRefusal = new Errno(0);

    private PacketSender(String subject, Descriptor socket, int interfaceIndex, int capacity, boolean virtioHeaders) {
        this.subject = subject;
        this.socket = socket;
        this.capacity = capacity;
        this.virtioHeaders = virtioHeaders;
        messages = arena.allocate((long) MESSAGE_BYTES * capacity, 8);
        vectors = arena.allocate(2L * VECTOR_BYTES * capacity, 8);
        headers = arena.allocate((long) VECTOR_BYTES * capacity, 8);
        poll = arena.allocate(8, 4);
        poll.set(ValueLayout.JAVA_INT, 0, socket.number());
        poll.set(ValueLayout.JAVA_SHORT, 4, POLLOUT);
        addresses = new MemorySegment[] {
            PacketCalls.address(arena, interfaceIndex, ETH_P_IP),
            PacketCalls.address(arena, interfaceIndex, ETH_P_IPV6),
            PacketCalls.address(arena, interfaceIndex, PacketCalls.ETH_P_ALL)
        };
        for (int i = 0; i < capacity; i++) {
            long vector = 2L * VECTOR_BYTES * i;
            vectors.set(Libc.POINTER, vector, headers.asSlice((long) VECTOR_BYTES * i));
            vectors.set(Libc.SIZE_T, vector + 8, VirtioNetHeader.BYTES);
            long message = (long) MESSAGE_BYTES * i;
            messages.set(ValueLayout.JAVA_INT, message + 8, ADDRESS_BYTES);
            messages.set(Libc.POINTER, message + 16, vectors.asSlice(virtioHeaders ? vector : vector + VECTOR_BYTES));
            messages.set(Libc.SIZE_T, message + 24, virtioHeaders ? 2 : 1);
        }
    }

    /**
     * Opens a sender. The interface must stand in the network namespace of the calling thread.
     *
     * @param capacity how many frames one system call sends at most, 1 to 1024
     * @param bypass whether frames go past the queueing discipline right to the driver, and unseen by taps ({@code PACKET_QDISC_BYPASS}): a
     *     little cheaper, but a full device then loses them at once
     */
    public static PacketSender open(int interfaceIndex, String interfaceName, int capacity, boolean bypass) {
        String subject = "frames to " + interfaceName;
        Descriptor socket = Descriptor.slowSocket(PacketCalls.AF_PACKET, PacketCalls.SOCK_RAW_NONBLOCK, 0, subject);
        try {
            boolean virtioHeaders = PacketCalls.optionIfKnown(socket, PACKET_VNET_HDR, 1);
            if (bypass) {
                PacketCalls.optionIfKnown(socket, PACKET_QDISC_BYPASS, 1);
            }
            try {
                socket.option(PacketCalls.SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
            } catch (LinuxException _) {
                // without CAP_NET_ADMIN the default size has to do
            }
            return new PacketSender(subject, socket, interfaceIndex, capacity, virtioHeaders);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Whether the kernel finishes checksums and cuts super-packets as the fields of {@link #add} say. Without, they must be 0. */
    public boolean virtioHeaders() {
        return virtioHeaders;
    }

    /** Whether {@link #add} needs a {@link #flush} first. */
    public boolean isFull() {
        return queued == capacity;
    }

    public boolean isEmpty() {
        return queued == 0;
    }

    /**
     * Queues a frame that is complete as it stands. Its memory must keep still until {@link #flush} returns.
     *
     * @param segment native memory
     * @param offset of the Ethernet header
     */
    public void add(MemorySegment segment, long offset, int length) {
        VirtioNetHeader.writeNone(headers, (long) VECTOR_BYTES * queued);
        queue(segment, offset, length);
    }

    /** Queues a frame that leaves something to the card; the numbers as in {@link VirtioNetHeader}. */
    public void add(
            MemorySegment segment,
            long offset,
            int length,
            int flags,
            int gsoType,
            int headerLength,
            int gsoSize,
            int checksumStart,
            int checksumOffset) {
        VirtioNetHeader.write(
                headers,
                (long) VECTOR_BYTES * queued,
                flags,
                gsoType,
                headerLength,
                gsoSize,
                checksumStart,
                checksumOffset);
        queue(segment, offset, length);
    }

    private void queue(MemorySegment segment, long offset, int length) {
        if (isFull()) {
            throw new IllegalStateException("more than " + capacity + " frames queued");
        }
        int type = segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 12);
        MemorySegment address = type == PacketCalls.networkOrder(ETH_P_IP)
                ? addresses[0]
                : type == PacketCalls.networkOrder(ETH_P_IPV6) ? addresses[1] : addresses[2];
        long vector = 2L * VECTOR_BYTES * queued + VECTOR_BYTES;
        vectors.set(ValueLayout.JAVA_LONG, vector, segment.address() + offset);
        vectors.set(Libc.SIZE_T, vector + 8, length);
        messages.set(Libc.POINTER, (long) MESSAGE_BYTES * queued, address);
        queued++;
    }

    /**
     * Sends what is queued. Waits a moment when the socket's buffer is full; frames that then still find no place, and those the kernel refuses,
     * are counted and forgotten, as a busy wire would.
     *
     * @throws LinuxException {@code ENETDOWN}, {@code ENXIO} or {@code ENODEV} when the interface is down or gone; nothing is queued then
     */
    public void flush() {
        int from = 0;
        int waits = 0;
        while (from < queued) {
            int taken = send(from);
            if (taken > 0) {
                sent += taken;
                from += taken;
                continue;
            }
            Errno errno = Libc.errno();
            if (errno.equals(Errno.EINTR)) {
                continue;
            }
            if (errno.equals(Errno.EAGAIN)) {
                if (waits++ == 0 && awaitRoom()) {
                    continue;
                }
                congested += queued - from;
                break;
            }
            if (isGone(errno)) {
                refused += queued - from;
                queued = 0;
                throw new LinuxException("sendmmsg", errno, subject);
            }
            if (errno.equals(Errno.ENOBUFS)) {
                congested++;
            } else {
                refused++;
                lastRefusal = errno;
            }
            from++; // sendmmsg stops at the frame it could not send
        }
        queued = 0;
    }

    private static boolean isGone(Errno errno) {
        return errno.equals(Errno.ENETDOWN) || errno.equals(Errno.ENODEV) || errno.number() == 6; // ENXIO
    }

    private int send(int from) {
        MemorySegment rest = messages.asSlice((long) MESSAGE_BYTES * from);
        return (int) SENDMMSG.call(socket.number(), rest, queued - from, MSG_DONTWAIT);
    }

    private boolean awaitRoom() {
        Libc.requirePlatformThread("sending frames");
        return POLL.call(poll, 1, PATIENCE_MILLIS) > 0;
    }

    /** Frames the kernel took. */
    public long sent() {
        return sent;
    }

    /** Frames lost to a full queue. */
    public long congested() {
        return congested;
    }

    /** Frames the kernel refused, for {@link #lastRefusal()} or like reasons. */
    public long refused() {
        return refused;
    }

    /** Why the last refused frame was refused; 0 when none was. */
    public Errno lastRefusal() {
        return lastRefusal;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
        socket.close();
    }
}
