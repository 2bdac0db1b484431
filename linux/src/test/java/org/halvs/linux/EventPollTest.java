package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Streams over loopback, for which no privilege is needed. */
class EventPollTest {
    private static final IpAddress LOCALHOST = IpAddress.of("127.0.0.1");
    private static final long SECOND = 1_000_000_000L;
    private static final byte[] NOTHING = new byte[0];

    private final StreamBuffer buffer = new StreamBuffer(1024);

    private static ServerSocket listen() throws Exception {
        return new ServerSocket(0, 10, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    }

    private void awaitConnection(TcpStream stream, EventPoll poll) {
        poll.add(stream, true);
        assertThat(poll.await(5 * SECOND)).isEqualTo(1);
        assertThat(poll.ready(0)).isEqualTo(stream.number());
        assertThat(stream.send(NOTHING, 0, buffer)).isZero();
    }

    @Test
    void aStreamSaysWhenThereIsSomething() throws Exception {
        try (ServerSocket listener = listen();
                EventPoll poll = new EventPoll();
                TcpStream stream = TcpStream.connect(SocketEndpoint.of(LOCALHOST, listener.getLocalPort()));
                Socket peer = listener.accept()) {
            awaitConnection(stream, poll);
            poll.change(stream, false);
            assertThat(poll.await(0)).isZero();
            assertThat(stream.receive(buffer)).isEqualTo(-Errno.EAGAIN.number());
            byte[] question = "a question".getBytes(StandardCharsets.US_ASCII);
            assertThat(stream.send(question, 2, buffer)).isEqualTo(8);
            assertThat(peer.getInputStream().readNBytes(8)).asString().isEqualTo("question");
            peer.getOutputStream().write(question);
            assertThat(poll.await(5 * SECOND)).isEqualTo(1);
            assertThat(stream.receive(buffer)).isEqualTo(10);
            assertThat(new String(buffer.bytes(), 0, 10, StandardCharsets.US_ASCII))
                    .isEqualTo("a question");
            peer.shutdownOutput();
            assertThat(poll.await(5 * SECOND)).isEqualTo(1);
            assertThat(stream.receive(buffer)).isZero();
        }
    }

    @Test
    void aRefusedStreamSaysSo() throws Exception {
        int port;
        try (ServerSocket listener = listen()) {
            port = listener.getLocalPort();
        }
        try (EventPoll poll = new EventPoll();
                TcpStream stream = TcpStream.connect(SocketEndpoint.of(LOCALHOST, port))) {
            poll.add(stream, true);
            assertThat(poll.await(5 * SECOND)).isEqualTo(1);
            assertThat(stream.send(NOTHING, 0, buffer)).isEqualTo(-Errno.ECONNREFUSED.number());
        }
    }

    @Test
    void tellsManyStreamsApart() throws Exception {
        try (ServerSocket listener = listen();
                EventPoll poll = new EventPoll();
                TcpStream silent = TcpStream.connect(SocketEndpoint.of(LOCALHOST, listener.getLocalPort()));
                Socket first = listener.accept();
                TcpStream talking = TcpStream.connect(SocketEndpoint.of(LOCALHOST, listener.getLocalPort()));
                Socket second = listener.accept()) {
            poll.add(silent, false);
            poll.add(talking, false);
            second.getOutputStream().write('x');
            assertThat(poll.await(5 * SECOND)).isEqualTo(1);
            assertThat(poll.ready(0)).isEqualTo(talking.number());
            first.getOutputStream().write('y');
            assertThat(poll.await(5 * SECOND)).isGreaterThanOrEqualTo(1);
            assertThat(talking.receive(buffer)).isEqualTo(1);
            assertThat(poll.await(5 * SECOND)).isEqualTo(1);
            assertThat(poll.ready(0)).isEqualTo(silent.number());
        }
    }

    @Test
    void waitsAsLongAsItIsToldUnlessItIsWoken() {
        try (EventPoll poll = new EventPoll()) {
            long begin = System.nanoTime();
            assertThat(poll.await(20_000_000)).isZero();
            assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(20_000_000L);
            poll.wake();
            begin = System.nanoTime();
            assertThat(poll.await(60 * SECOND)).isZero();
            assertThat(System.nanoTime() - begin).isLessThan(30 * SECOND);
            assertThat(poll.await(0)).isZero();
        }
    }
}
