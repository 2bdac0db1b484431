package org.halvs.check.protocol;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.halvs.check.CheckTarget;

/**
 * Requests and answers by UDP. The socket is connected, so answers of others are not seen and an ICMP "port unreachable" is. Confined to the thread of
 * its probe.
 */
final class DatagramConversation implements AutoCloseable {
    /** A request without answer is sent again after this time. */
    private static final Duration RESEND_AFTER = Duration.ofSeconds(1);

    /** More than any answer we understand; what is beyond it is cut off. RADIUS packets have 4096 bytes at most, DNS without EDNS 512. */
    private static final int MAX_BYTES = 8 * 1024;

    private final DatagramSocket socket;
    private final Deadline deadline;

    /** Understands one datagram. */
    @FunctionalInterface
    interface Reader<T> {
        /** What it says; empty when the datagram is not an answer to the request. */
        Optional<T> read(byte[] datagram) throws IOException;
    }

    DatagramConversation(CheckTarget target, Deadline deadline) throws IOException {
        this.deadline = deadline;
        this.socket = new DatagramSocket(null);
        try {
            socket.connect(new InetSocketAddress(target.address().toInetAddress(), target.port()));
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Our end, as the server sees it. */
    InetSocketAddress localAddress() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** Sends {@code request}, again each second, until {@code reader} understands an answer. */
    <T> T ask(byte[] request, Reader<T> reader) throws IOException {
        byte[] buffer = new byte[MAX_BYTES];
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        while (true) {
            socket.send(new DatagramPacket(request, request.length));
            Deadline resend = Deadline.in(RESEND_AFTER);
            while (resend.remainingNanos() > 0) {
                socket.setSoTimeout(Math.min(deadline.remainingMillis(), (int) RESEND_AFTER.toMillis()));
                try {
                    packet.setLength(buffer.length);
                    socket.receive(packet);
                } catch (SocketTimeoutException e) {
                    deadline.remainingMillis(); // over for good?
                    break;
                }
                Optional<T> answer = reader.read(Arrays.copyOf(buffer, packet.getLength()));
                if (answer.isPresent()) {
                    return answer.get();
                }
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
