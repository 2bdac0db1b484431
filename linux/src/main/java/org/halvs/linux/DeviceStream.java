package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A TCP connection over one interface that never waits. Confined to one thread at a time. */
public final class DeviceStream extends PollableSocket {
    private static final int SOL_SOCKET = 1;
    private static final int SO_LINGER = 13;
    private static final int BUFFER_BYTES = 512;

    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES, 8);
    private boolean connecting;

    DeviceStream(Descriptor socket, boolean connecting) {
        super(socket);
        this.connecting = connecting;
    }

    /**
     * Begins to connect. A {@link SocketPoll} tells when that is done, or failed.
     *
     * @throws LinuxException when it can't even begin, {@code ENETUNREACH} for instance
     */
    public static DeviceStream connect(String device, SocketEndpoint to) {
        String subject = "TCP to " + to + " on " + device;
        Descriptor socket = SocketCalls.onDevice(device, to.family(), SocketCalls.SOCK_STREAM, subject);
        int result = SocketCalls.connect(socket.number(), to);
        if (result < 0 && result != -Errno.EINPROGRESS.number()) {
            socket.close();
            throw new LinuxException("connect", new Errno(-result), subject);
        }
        return new DeviceStream(socket, true);
    }

    @Override
    boolean awaitsWriting() {
        return connecting;
    }

    public boolean isConnecting() {
        return connecting;
    }

    /** To be called when the poll reports a stream that is connecting. Answers 0 when the connection stands, else the error number. */
    public int finishConnecting() {
        connecting = false;
        return SocketCalls.takeError(number());
    }

    /** Writes a few bytes; answers whether the kernel took them all. */
    public boolean write(byte[] data, int length) {
        MemorySegment.copy(data, 0, buffer, ValueLayout.JAVA_BYTE, 0, length);
        return SocketCalls.send(number(), buffer, length, MemorySegment.NULL, 0) == length;
    }

    /** Reads what is there into {@code into} from {@code offset} on: how many bytes, 0 at the end of the stream, or the negative error number. */
    public int read(byte[] into, int offset) {
        int room = Math.min(into.length - offset, BUFFER_BYTES);
        int length = SocketCalls.receive(number(), buffer.asSlice(0, room));
        if (length > 0) {
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, offset, length);
        }
        return length;
    }

    /** Ends the connection so that the other side sees a reset, and not the end of the stream, which it sees when this process ends. */
    public void abort() {
        if (descriptor().isOpen()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment linger = arena.allocate(8, 4); // struct linger: on, for 0 s
                linger.set(ValueLayout.JAVA_INT, 0, 1);
                descriptor().option(SOL_SOCKET, SO_LINGER, linger);
            } catch (LinuxException _) {
                // it is closed all the same
            }
        }
        close();
    }
}
