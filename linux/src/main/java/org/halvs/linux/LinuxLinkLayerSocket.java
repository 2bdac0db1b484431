package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/** {@link LinkLayerSocket} by {@code AF_PACKET}. */
final class LinuxLinkLayerSocket implements LinkLayerSocket {
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final int ADDRESS_BYTES = 20; // struct sockaddr_ll
    private static final int PACKET_OUTGOING = 4;
    private static final int FRAME_BYTES = 2048;
    private static final ValueLayout.OfShort NETWORK_SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private final Descriptor socket;
    private final Descriptor end = Descriptor.wakeup();
    private volatile boolean ended;

    private LinuxLinkLayerSocket(Descriptor socket) {
        this.socket = socket;
    }

    /**
     * Opens a socket.
     *
     * @param ethertype what it receives; 0 for nothing
     */
    static LinuxLinkLayerSocket open(int ethertype) {
        int protocol = Short.toUnsignedInt(Short.reverseBytes((short) ethertype));
        boolean bigEndian = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
        return new LinuxLinkLayerSocket(
                Descriptor.slowSocket(AF_PACKET, SOCK_RAW, bigEndian ? ethertype : protocol, "packet socket"));
    }

    @Override
    public void send(int linkIndex, byte[] frame) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(NETWORK_SHORT, 2, (short) ((frame[12] & 0xff) << 8 | frame[13] & 0xff));
            address.set(ValueLayout.JAVA_INT, 4, linkIndex);
            address.set(ValueLayout.JAVA_BYTE, 11, (byte) 6);
            MemorySegment.copy(frame, 0, address, ValueLayout.JAVA_BYTE, 12, 6);
            socket.send(arena.allocateFrom(ValueLayout.JAVA_BYTE, frame), address);
        }
    }

    @Override
    public Optional<Frame> receive(int timeoutMillis) {
        long deadlineNanos = System.nanoTime() + timeoutMillis * 1_000_000L;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(FRAME_BYTES);
            MemorySegment address = arena.allocate(ADDRESS_BYTES, 4);
            while (!ended) {
                int leftMillis = (int) Math.max(0, (deadlineNanos - System.nanoTime() + 999_999) / 1_000_000);
                boolean ready = Descriptor.awaitReadable(leftMillis, socket, end);
                int length = ready ? read(buffer, address) : -1;
                if (length >= 0 && address.get(ValueLayout.JAVA_BYTE, 10) != PACKET_OUTGOING) {
                    byte[] frame = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                    return Optional.of(new Frame(address.get(ValueLayout.JAVA_INT, 4), frame));
                }
                if (leftMillis == 0 && length < 0) {
                    break;
                }
            }
            return Optional.empty();
        }
    }

    @Override
    public void endReceiving() {
        end.signal();
        ended = true; // last: whoever sees it may close both descriptors
    }

    private int read(MemorySegment buffer, MemorySegment address) {
        try {
            return socket.receive(buffer, address);
        } catch (LinuxException e) {
            if (e.errno().equals(Errno.ENETDOWN)) {
                return -1; // told once when an interface goes down; the others go on
            }
            throw e;
        }
    }

    @Override
    public void close() {
        socket.close();
        end.close();
    }
}
