package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A netlink socket, {@code netlink(7)}: sends requests and sorts the answers by their sequence numbers. Confined to one
 * thread at a time.
 *
 * <p>The kernel works on a request inside {@code sendto} and has queued its first answers when that returns; so
 * receiving does not wait, except for nothing at all.
 */
final class NetlinkSocket implements AutoCloseable {
    static final int ROUTE = 0;
    static final int REQUEST = 0x1;
    static final int ACK = 0x4;
    static final int DUMP = 0x300;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int CAP_ACK = 10;
    private static final int EXTENDED_ACK = 11;
    private static final int ACK_HAS_ATTRIBUTES = 0x200;
    private static final int ERROR_MESSAGE_ATTRIBUTE = 1;
    private static final int DUMP_ATTEMPTS = 10;

    /** Largest piece of a dump the kernel sends to whom offers 32 KiB. */
    private static final int RECEIVE_BYTES = 64 * 1024;

    /**
     * Messages in one system call. Each acknowledgement occupies about 1 KiB of the receive buffer until it is read,
     * and 208 KiB is the size of that buffer where it cannot be raised.
     */
    private static final int BATCH = 128;

    private final Descriptor socket;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment receiveBuffer = arena.allocate(RECEIVE_BYTES);
    private final MemorySegment kernel;
    private int nextSequence = 1;

    private NetlinkSocket(Descriptor socket) {
        this.socket = socket;
        this.kernel = socketAddress(arena, 0);
    }

    /**
     * Opens a socket in the network namespace of the calling thread.
     *
     * @param protocol {@link #ROUTE} or another {@code NETLINK_} number
     */
    static NetlinkSocket open(int protocol) {
        Descriptor socket = Descriptor.socket(AF_NETLINK, SOCK_RAW, protocol, "netlink socket");
        try (Arena arena = Arena.ofConfined()) {
            attempt(() -> socket.option(SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20));
            attempt(() -> socket.option(SOL_NETLINK, EXTENDED_ACK, 1)); // since 4.12
            attempt(() -> socket.option(SOL_NETLINK, CAP_ACK, 1)); // since 4.3
            socket.bind(socketAddress(arena, 0));
            return new NetlinkSocket(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** {@code struct sockaddr_nl}: of the kernel, or of this socket with the multicast groups it joins as bits. */
    static MemorySegment socketAddress(Arena arena, int groups) {
        MemorySegment address = arena.allocate(12, 4);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
        address.set(ValueLayout.JAVA_INT, 8, groups);
        return address;
    }

    /** The answer to one request, if the kernel answered with data; empty when it only said "done". */
    record Answer(Optional<NetlinkMessage> data, Optional<Refusal> refusal) {}

    /** An error the kernel answered, with its explanation where it gave one. */
    record Refusal(Errno errno, String explanation) {

        LinuxException exception(String call, String subject) {
            return new LinuxException(
                    call, errno, explanation.isEmpty() ? subject : subject + " [" + explanation + "]");
        }
    }

    /**
     * Sends every request, many in a system call, and collects an answer for each, in order.
     *
     * @param requests each writes one message with {@link #REQUEST}, and {@link #ACK} unless it is sure to be answered
     *     with data
     */
    List<Answer> exchange(List<? extends Request> requests) {
        List<Answer> answers = new ArrayList<>(requests.size());
        NetlinkWriter writer = new NetlinkWriter();
        for (int from = 0; from < requests.size(); from += BATCH) {
            List<? extends Request> batch = requests.subList(from, Math.min(requests.size(), from + BATCH));
            writer.clear();
            batch.forEach(request -> request.write(writer));
            answers.addAll(exchange(writer, batch.size()));
        }
        return answers;
    }

    /** Writes one message. */
    @FunctionalInterface
    interface Request {
        void write(NetlinkWriter writer);
    }

    Answer exchange(Request request) {
        return exchange(List.of(request)).getFirst();
    }

    private List<Answer> exchange(NetlinkWriter writer, int count) {
        int first = send(writer, count);
        Answer[] answers = new Answer[count];
        int missing = count;
        while (missing > 0) {
            for (NetlinkMessage message : receive()) {
                int index = message.sequence() - first;
                if (index < 0 || index >= count || answers[index] != null) {
                    continue; // an answer to a request that was given up
                }
                answers[index] = message.type() == NetlinkMessage.ERROR
                        ? new Answer(Optional.empty(), refusal(message))
                        : new Answer(Optional.of(message), Optional.empty());
                missing--;
            }
        }
        return Arrays.asList(answers);
    }

    /**
     * Lists a table. Asks again when the table changed meanwhile.
     *
     * @param request one message with {@link #REQUEST} and {@link #DUMP}
     * @param call the request's name for the message of an exception
     * @throws LinuxException when the kernel refuses, or the table did not hold still
     */
    List<NetlinkMessage> dump(Request request, String call) {
        for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
            Optional<List<NetlinkMessage>> table = dumpOnce(request, call);
            if (table.isPresent()) {
                return table.get();
            }
        }
        throw new LinuxException(call, Errno.EAGAIN, "a table that changes too often");
    }

    /** Empty when the table changed while it was listed. */
    private Optional<List<NetlinkMessage>> dumpOnce(Request request, String call) {
        NetlinkWriter writer = new NetlinkWriter();
        request.write(writer);
        int sequence = send(writer, 1);
        List<NetlinkMessage> table = new ArrayList<>();
        boolean interrupted = false;
        while (true) {
            for (NetlinkMessage message : receive()) {
                if (message.sequence() != sequence) {
                    continue;
                }
                interrupted |= (message.flags() & NetlinkMessage.DUMP_INTERRUPTED) != 0;
                switch (message.type()) {
                    case NetlinkMessage.DONE -> {
                        return interrupted ? Optional.empty() : Optional.of(table);
                    }
                    case NetlinkMessage.ERROR ->
                        throw refusal(message)
                                .orElseGet(() -> new Refusal(Errno.EINVAL, "acknowledged instead of answered"))
                                .exception(call, "the whole table");
                    default -> table.add(message);
                }
            }
        }
    }

    private int send(NetlinkWriter writer, int count) {
        int first = nextSequence;
        nextSequence += count;
        writer.number(first);
        socket.send(writer.written(), kernel);
        return first;
    }

    private List<NetlinkMessage> receive() {
        int length = socket.receive(receiveBuffer);
        if (length < 0) {
            // Never seen: the kernel answers within the send. Without this an answer that got lost would stop the
            // caller for ever.
            throw new LinuxException("recvfrom", Errno.EAGAIN, "netlink answer that did not come");
        }
        return NetlinkMessage.split(receiveBuffer.asSlice(0, length).asByteBuffer());
    }

    /** What {@code NLMSG_ERROR} says; empty for 0, which means success. */
    private static Optional<Refusal> refusal(NetlinkMessage message) {
        ByteBuffer payload = message.payload().order(ByteOrder.nativeOrder());
        int error = -payload.getInt(0);
        if (error == 0) {
            return Optional.empty();
        }
        String explanation = "";
        if ((message.flags() & ACK_HAS_ATTRIBUTES) != 0) {
            // behind the error stands the request: its header only, because of CAP_ACK
            byte[] text = message.attributes(4 + NetlinkWriter.HEADER_BYTES)
                    .bytes(ERROR_MESSAGE_ATTRIBUTE)
                    .orElseGet(() -> new byte[0]);
            explanation = new String(text, StandardCharsets.UTF_8).replace("\0", "");
        }
        return Optional.of(new Refusal(new Errno(error), explanation));
    }

    private static void attempt(Runnable option) {
        try {
            option.run();
        } catch (LinuxException _) {
            // an old kernel, or no right to it: works without, only with less comfort
        }
    }

    @Override
    public void close() {
        socket.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
