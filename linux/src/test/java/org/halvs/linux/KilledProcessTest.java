package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What a killed process leaves to the kernel is closed in an order: those who wait for the end of a connection of it do not wait for its packet sockets. */
class KilledProcessTest {
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    /** In the order of the network: for local experiments, IEEE 802. */
    private static final int EXPERIMENTAL = 0xb588;

    private static final int SOCKETS_EACH = 8;

    /** The process: packet sockets that are older and newer than its connection. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            List<Descriptor> open = new ArrayList<>(packetSockets());
            try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]))) {
                open.addAll(packetSockets());
                connection.getOutputStream().write(open.size());
                Thread.sleep(60_000);
            }
        }

        private static List<Descriptor> packetSockets() {
            List<Descriptor> open = new ArrayList<>();
            for (int i = 0; i < SOCKETS_EACH; i++) {
                open.add(Descriptor.slowSocket(AF_PACKET, SOCK_RAW, EXPERIMENTAL, "test"));
            }
            return open;
        }
    }

    @Test
    void itsConnectionsEndBeforeItsPacketSockets() throws Exception {
        Assumptions.assumeTrue(mayOpenPacketSockets(), "packet sockets need CAP_NET_RAW");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(20_000);
            Process victim = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Victim.class.getName(),
                            String.valueOf(server.getLocalPort()))
                    .inheritIO()
                    .start();
            try (Socket connection = server.accept()) {
                connection.setSoTimeout(20_000);
                assertThat(connection.getInputStream().read()).isEqualTo(2 * SOCKETS_EACH);
                assertThat(packetSockets()).isEqualTo(2 * SOCKETS_EACH);
                victim.destroyForcibly();
                assertThat(endOf(connection)).isTrue();
                assertThat(packetSockets())
                        .as("packet sockets that are still open")
                        .isPositive();
            } finally {
                victim.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void whatIsClosedInTheOrdinaryWayIsClosedAtOnce() {
        Assumptions.assumeTrue(mayOpenPacketSockets(), "packet sockets need CAP_NET_RAW");
        int before = packetSockets();
        Descriptor socket = Descriptor.slowSocket(AF_PACKET, SOCK_RAW, EXPERIMENTAL, "test");
        assertThat(packetSockets()).isEqualTo(before + 1);
        socket.close();
        assertThat(packetSockets()).isEqualTo(before);
    }

    /** A reset is an end as well. */
    private static boolean endOf(Socket connection) {
        try {
            return connection.getInputStream().read() < 0;
        } catch (SocketException _) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean mayOpenPacketSockets() {
        try {
            Descriptor.slowSocket(AF_PACKET, SOCK_RAW, EXPERIMENTAL, "test").close();
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    /** Those of the test's protocol, packet(7). */
    private static int packetSockets() {
        try {
            return (int) Files.readAllLines(Path.of("/proc/net/packet")).stream()
                    .filter(line -> line.contains(" 88b5 "))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
