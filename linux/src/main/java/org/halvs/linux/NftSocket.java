package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;

/** Commits {@link NftBatch}es to the nf_tables of the network namespace of the thread that opened it. Confined to one thread at a time. */
final class NftSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_NETFILTER = 12;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int BUFFER_BYTES = 8 << 20;
    private static final int SOL_NETLINK = 270;
    private static final int CAP_ACK = 10;
    private static final int RECEIVE_BYTES = 64 * 1024;

    /** The kernel answers before the send returns; waiting is for a kernel that loads a module first. */
    private static final int PATIENCE_MILLIS = 5000;

    private final Descriptor socket;
    private int nextSequence = 1;

    private NftSocket(Descriptor socket) {
        this.socket = socket;
    }

    /** Opens the socket. Fails with a {@link LinuxException} where the kernel has no netfilter, or without {@code CAP_NET_ADMIN}. */
    static NftSocket open() {
        Descriptor socket = Descriptor.socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, "nf_tables");
        try (Arena arena = Arena.ofConfined()) {
            socket.option(SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
            socket.option(SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
            attemptShortAnswers(socket);
            socket.bind(NetlinkSocket.socketAddress(arena, 0));
            return new NftSocket(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void attemptShortAnswers(Descriptor socket) {
        try {
            socket.option(SOL_NETLINK, CAP_ACK, 1);
        } catch (LinuxException _) {
            // before 4.3: the kernel repeats each request in its answer, and the buffer is large enough
        }
    }

    /**
     * Makes all changes of a batch, or none.
     *
     * @throws LinuxException with the first change the kernel refused and why
     */
    void commit(NftBatch batch, String subject) {
        if (batch.isEmpty()) {
            return;
        }
        List<NftBatch.Change> changes = batch.changes();
        int begin = nextSequence;
        int last = begin + changes.size();
        nextSequence = last + 2; // the batch's own first and last message have numbers too
        NetlinkWriter writer = new NetlinkWriter();
        batch.write(writer);
        writer.number(begin);
        try (Arena arena = Arena.ofConfined()) {
            socket.send(writer.written(), NetlinkSocket.socketAddress(arena, 0));
            MemorySegment buffer = arena.allocate(RECEIVE_BYTES);
            awaitAnswers(buffer, changes, begin, last, subject);
        }
    }

    private void awaitAnswers(
            MemorySegment buffer, List<NftBatch.Change> changes, int begin, int last, String subject) {
        while (true) {
            int length = socket.receive(buffer);
            if (length < 0) {
                if (Descriptor.awaitReadable(PATIENCE_MILLIS, socket)) {
                    continue;
                }
                throw new LinuxException("nf_tables", Errno.EAGAIN, subject + ": no answer");
            }
            for (NetlinkMessage message :
                    NetlinkMessage.split(buffer.asSlice(0, length).asByteBuffer())) {
                if (message.type() != NetlinkMessage.ERROR
                        || message.sequence() < begin
                        || message.sequence() > last + 1) {
                    continue;
                }
                int error = -message.payload().order(ByteOrder.nativeOrder()).getInt(0);
                if (error != 0) {
                    String name = message.sequence() > begin && message.sequence() <= last
                            ? changes.get(message.sequence() - begin - 1).name()
                            : "transaction";
                    throw new LinuxException("nf_tables " + name, new Errno(error), subject);
                }
                if (message.sequence() == last) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
