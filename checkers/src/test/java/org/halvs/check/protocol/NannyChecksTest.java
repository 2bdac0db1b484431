package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec.ProgramOutput;
import org.halvs.check.CheckSpec.SendExpect;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/** The checks of Piranha, against real sockets and programs. */
class NannyChecksTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static CheckResult ask(String answer, String expect, boolean regularExpression) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answer(server, answer));
            SendExpect spec = new SendExpect(false, "hello\r\n", expect, regularExpression, TIMEOUT);
            return new GuardedChecker(new SendExpectCheck(spec)).check(target(server.getLocalPort()), TIMEOUT);
        }
    }

    /** Takes the request, and sends the answer in pieces of three bytes. */
    private static void answer(ServerSocket server, String answer) {
        try (Socket socket = server.accept()) {
            socket.setTcpNoDelay(true);
            socket.getInputStream().readNBytes("hello\r\n".length());
            OutputStream out = socket.getOutputStream();
            for (int i = 0; i < answer.length(); i += 3) {
                out.write(answer.substring(i, Math.min(answer.length(), i + 3)).getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
            }
        } catch (IOException e) {
            // the checker has what it wants
        }
    }

    private static CheckTarget target(int port) {
        return new CheckTarget(IpAddress.of("127.0.0.1"), port);
    }

    @Test
    void comparesTheBeginning() throws IOException {
        assertThat(ask("HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK", false).passed())
                .isTrue();
        assertThat(ask("HTTP/1.1 500 No\r\n", "HTTP/1.1 200 OK", false).passed())
                .isFalse();
        assertThat(ask("x HTTP", "HTTP", false).passed()).isFalse();
        assertThat(ask("", "HTTP", false).passed()).isFalse();
        assertThat(ask("?", "*", false).passed()).isTrue();
        assertThat(ask("", "*", false).passed()).isFalse();
        assertThat(ask("", "", false).passed()).isTrue();
    }

    @Test
    void searchesAnExpression() throws IOException {
        assertThat(ask("+OK ready <1@x>", "ready <[0-9]+", true).passed()).isTrue();
        assertThat(ask("-ERR", "ready", true).passed()).isFalse();
        assertThat(ask(".".repeat(300) + "ready", "ready", true).passed()).isFalse();
    }

    @Test
    void asksByDatagram() throws IOException {
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try {
                    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                    server.receive(packet);
                    server.send(packet);
                } catch (IOException e) {
                    // the test is over
                }
            });
            SendExpect spec = new SendExpect(true, "ping", "", false, TIMEOUT);
            assertThat(new GuardedChecker(new SendExpectCheck(spec))
                            .check(target(server.getLocalPort()), TIMEOUT)
                            .passed())
                    .isTrue();
        }
    }

    private static CheckResult run(String expect, Duration timeout, String... command) {
        return new ProgramOutputCheck(new ProgramOutput(List.of(command), expect, timeout)).check(target(80), timeout);
    }

    @Test
    void comparesTheOutputOfAProgram() {
        assertThat(run("ok", TIMEOUT, "/bin/echo", "ok").passed()).isTrue();
        assertThat(run("ok", TIMEOUT, "/bin/echo", "not ok").passed()).isFalse();
        assertThat(run("ok", TIMEOUT, "/bin/sh", "-c", "echo ok; exit 1").passed())
                .isFalse();
        assertThat(run("", TIMEOUT, "/bin/echo", "anything").passed()).isTrue();
        assertThat(run("ok", TIMEOUT, "/no/such/program").passed()).isFalse();
        assertThat(run("ok", Duration.ofMillis(200), "/bin/sleep", "5").passed())
                .isFalse();
    }
}
