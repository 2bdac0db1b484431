package org.halvs.linux;

import java.lang.foreign.MemorySegment;

/**
 * A TCP connection that this side opens and that never waits: what can't be done at once answers {@code EAGAIN}, and an {@link EventPoll} tells when
 * to try again. Confined to one thread at a time.
 */
public final class TcpStream implements AutoCloseable {
    private final Descriptor socket;

    private TcpStream(Descriptor socket) {
        this.socket = socket;
    }

    /**
     * Begins to connect, in the network namespace of the calling thread. The connection stands when the first {@link #send}, which may be one of no
     * bytes, answers something else than {@code EAGAIN}.
     *
     * @throws LinuxException when it can't even begin: no descriptor is left, there is no route
     */
    public static TcpStream connect(SocketEndpoint to) {
        int domain = to.family() == IpAddress.Family.IPV4 ? SocketEndpoint.AF_INET : SocketEndpoint.AF_INET6;
        Descriptor socket =
                Descriptor.socket(domain, SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK, 0, "a TCP connection");
        int result = SocketCalls.connect(socket.number(), to);
        if (result < 0 && result != -Errno.EINPROGRESS.number()) {
            socket.close();
            throw new LinuxException("connect", new Errno(-result), "TCP to " + to);
        }
        return new TcpStream(socket);
    }

    /** What an {@link EventPoll} calls this stream as long as it is open. */
    public int number() {
        return socket.number();
    }

    /**
     * Sends what the kernel takes at once of {@code data} from {@code offset} on, by way of {@code buffer}.
     *
     * @return how many bytes it took, or the negative error number: {@code EAGAIN} while it takes none or the connection does not stand yet
     */
    public int send(byte[] data, int offset, StreamBuffer buffer) {
        int length = buffer.fill(data, offset);
        return SocketCalls.send(socket.number(), buffer.segment(), length, MemorySegment.NULL, 0);
    }

    /** Receives what is there into {@code buffer}: how many bytes, 0 at the end of the stream, or the negative error number. */
    public int receive(StreamBuffer buffer) {
        int length = SocketCalls.receive(socket.number(), buffer.segment());
        buffer.take(Math.max(0, length));
        return length;
    }

    /** Closing twice does nothing. */
    @Override
    public void close() {
        socket.close();
    }
}
