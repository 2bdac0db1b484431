package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Sockets bound to the loopback interface; binding to an interface needs CAP_NET_RAW on old kernels. */
class DeviceSocketTest {
    private static final IpAddress LOCALHOST = IpAddress.of("127.0.0.1");
    private static final int SECOND = 1_000_000_000;

    private static int freePort() throws Exception {
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static DeviceDatagramSocket open(int port) {
        try {
            return DeviceDatagramSocket.open("lo", IpAddress.Family.IPV4, port);
        } catch (LinuxException e) {
            Assumptions.assumeFalse(e.errno().equals(Errno.EPERM), "sockets of one interface need CAP_NET_RAW");
            throw e;
        }
    }

    @Test
    void aDatagramComesWithItsSender() throws Exception {
        int port = freePort();
        try (DeviceDatagramSocket receiver = open(port);
                DeviceDatagramSocket sender = open(0);
                SocketPoll poll = new SocketPoll()) {
            poll.watch(List.of(receiver));
            assertThat(poll.await(0)).isFalse();
            byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
            assertThat(sender.send(hello, hello.length, SocketEndpoint.of(LOCALHOST, port)))
                    .isZero();
            assertThat(poll.await(SECOND)).isTrue();
            assertThat(poll.isReady(0)).isTrue();
            byte[] into = new byte[100];
            assertThat(receiver.receive(into)).isEqualTo(5);
            assertThat(new String(into, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("hello");
            assertThat(receiver.sender().address()).isEqualTo(LOCALHOST);
            assertThat(receiver.cameFrom(receiver.sender())).isTrue();
            assertThat(receiver.cameFrom(SocketEndpoint.of(LOCALHOST, port))).isFalse();
            assertThat(receiver.receive(into)).isEqualTo(-Errno.EAGAIN.number());
            assertThat(receiver.isCurrent()).isTrue();
        }
    }

    /** First byte 0 for the first socket, everything else for the second one. */
    private static List<DeviceDatagramSocket> divided(int port) {
        BpfFilter chooser =
                BpfFilter.builder().loadByte(0).chooseIfEqual(0, 0).choose(1).build();
        try {
            return DeviceDatagramSocket.openDivided("lo", IpAddress.Family.IPV4, port, chooser);
        } catch (LinuxException e) {
            Assumptions.assumeFalse(e.errno().equals(Errno.EPERM), "sockets of one interface need CAP_NET_RAW");
            throw e;
        }
    }

    @Test
    void aDividedPortWakesForOnePartOnly() throws Exception {
        int port = freePort();
        List<DeviceDatagramSocket> pair = divided(port);
        try (DeviceDatagramSocket first = pair.getFirst();
                DeviceDatagramSocket second = pair.getLast();
                DeviceDatagramSocket sender = open(0);
                SocketPoll poll = new SocketPoll()) {
            poll.watch(List.of(second));
            SocketEndpoint to = SocketEndpoint.of(LOCALHOST, port);
            byte[] into = new byte[10];
            for (byte kind = 0; kind < 4; kind++) {
                assertThat(sender.send(new byte[] {kind}, 1, to)).isZero();
            }
            for (byte kind = 1; kind < 4; kind++) {
                assertThat(poll.await(SECOND)).isTrue();
                assertThat(second.receive(into)).isEqualTo(1);
                assertThat(into[0]).isEqualTo(kind);
            }
            assertThat(poll.await(20_000_000)).isFalse();
            assertThat(first.receive(into)).isEqualTo(1);
            assertThat(into[0]).isZero();
            assertThat(first.waitedNanos()).isBetween(20_000_000L, 60L * SECOND);
            assertThat(first.receive(into)).isEqualTo(-Errno.EAGAIN.number());
        }
    }

    @Test
    void aDividedPortIsNobodyElses() throws Exception {
        int port = freePort();
        List<DeviceDatagramSocket> pair = divided(port);
        try {
            for (Runnable again : List.<Runnable>of(() -> open(port), () -> divided(port))) {
                assertThatThrownBy(again::run)
                        .isInstanceOfSatisfying(
                                LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE));
            }
        } finally {
            pair.forEach(DeviceDatagramSocket::close);
        }
    }

    @Test
    void anInterfaceThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> DeviceDatagramSocket.open("no-such", IpAddress.Family.IPV4, 0))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                .hasMessageContaining("no-such");
    }

    @Test
    void anotherThreadWakes() {
        try (SocketPoll poll = new SocketPoll()) {
            Thread.ofPlatform().start(poll::wake);
            assertThat(poll.await(30L * SECOND)).isTrue();
        }
    }

    private static DeviceStream connect(int port, SocketPoll poll) {
        DeviceStream stream = DeviceStream.connect("lo", SocketEndpoint.of(LOCALHOST, port));
        poll.watch(List.of(stream));
        assertThat(poll.await(SECOND)).isTrue();
        return stream;
    }

    @Test
    void aStreamTellsAnEndFromAReset() throws Exception {
        int port = freePort();
        open(0).close();
        try (DeviceStreamListener listener = DeviceStreamListener.open("lo", IpAddress.Family.IPV4, port);
                SocketPoll poll = new SocketPoll()) {
            byte[] byteOf = {7};
            for (boolean abort : new boolean[] {false, true}) {
                try (DeviceStream client = connect(port, poll)) {
                    assertThat(client.finishConnecting()).isZero();
                    Optional<DeviceStream> accepted = listener.accept();
                    assertThat(accepted).isPresent();
                    assertThat(accepted.get().write(byteOf, 1)).isTrue();
                    poll.watch(List.of(client));
                    assertThat(poll.await(SECOND)).isTrue();
                    byte[] into = new byte[4];
                    assertThat(client.read(into, 1)).isOne();
                    assertThat(into[1]).isEqualTo((byte) 7);
                    if (abort) {
                        accepted.get().abort();
                    } else {
                        accepted.get().close();
                    }
                    assertThat(poll.await(SECOND)).isTrue();
                    assertThat(client.read(into, 0)).isEqualTo(abort ? -Errno.ECONNRESET.number() : 0);
                }
            }
            assertThat(listener.accept()).isEmpty();
        }
        try (SocketPoll poll = new SocketPoll();
                DeviceStream refused = connect(port, poll)) {
            assertThat(refused.finishConnecting()).isEqualTo(Errno.ECONNREFUSED.number());
        }
    }

    @Test
    void threadsOfThisProcessAreKnownByName() {
        assertThat(ThreadScheduling.threads())
                .extracting(ThreadScheduling.NativeThread::name)
                .contains("VM Thread");
    }
}
