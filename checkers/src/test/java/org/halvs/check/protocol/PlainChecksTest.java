package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.Service;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MemoryIcmpEcho;
import org.junit.jupiter.api.Test;

/** ftp, simpletcp and sip, and the checks without an exchange. */
class PlainChecksTest {
    private static final Passed UP = new Passed("-");
    private static final Failed NO_MATCH = new Failed(Reason.UNEXPECTED_ANSWER, "the answer does not match");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ScriptedServer.Script ftp(ScriptedServer data, String password) {
        int port = data.target().port();
        return peer -> {
            peer.send("220-welcome\r\n to this\r\n220 server\r\n");
            for (String line = peer.line(); !line.isEmpty(); line = peer.line()) {
                peer.send(
                        switch (line.split(" ")[0]) {
                            case "USER" -> "331 password?\r\n";
                            case "PASS" -> line.equals("PASS " + password) ? "230 in\r\n" : "530 Login incorrect.\r\n";
                            case "PASV" ->
                                "227 Entering Passive Mode (10,9,8,7," + port / 256 + "," + port % 256 + ").\r\n";
                            case "RETR" ->
                                line.endsWith("/welcome.txt")
                                        ? "150 here it comes\r\n226 done\r\n"
                                        : "550 No such file\r\n";
                            default -> "200 ok\r\n";
                        });
                if (line.equals("QUIT")) {
                    return;
                }
            }
        };
    }

    @Test
    void fetchesAFileByFtp() throws IOException {
        try (ScriptedServer data = new ScriptedServer(peer -> peer.send("Welcome to FTP\n"));
                ScriptedServer server = new ScriptedServer(ftp(data, "a@b"))) {
            Exchange exchange = Exchanges.of(Service.FTP, "/welcome.txt", "Welcome", "anonymous", "a@b");
            assertThat(Exchanges.hold(exchange, server.target())).isEqualTo(UP);
            assertThat(server.lines())
                    .containsExactly(
                            "USER anonymous", "PASS a@b", "CWD /", "TYPE I", "PASV", "RETR /welcome.txt", "QUIT");
            assertThat(Exchanges.hold(exchange.expecting("nothing"), server.target()))
                    .isEqualTo(NO_MATCH);
            assertThat(Exchanges.hold(exchange.expecting(""), server.target())).isEqualTo(UP);
            assertThat(Exchanges.hold(Exchanges.of(Service.FTP, "/other", "", "u", "a@b"), server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "550 No such file"));
            assertThat(Exchanges.hold(Exchanges.of(Service.FTP, "/", "", "u", "bad"), server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "530 Login incorrect."));
            assertThat(Exchanges.hold(Exchanges.of(Service.FTP, "/welcome.txt", "", "u", "bad"), server.target()))
                    .as("the file can be had all the same")
                    .isEqualTo(UP);
            assertThat(Exchanges.hold(Exchanges.of(Service.FTP, "/", "", "u", "a@b"), server.target()))
                    .isEqualTo(UP);
        }
    }

    /** {@code compatibility: ftp_active}: the server connects back, and nobody else may. */
    @Test
    void letsAnFtpServerConnectBack() throws IOException {
        ClientSettings active = new ClientSettings("halvs", true, Optional.empty());
        int[] port = {0};
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.send("220 server\r\n");
            for (String line = peer.line(); !line.isEmpty(); line = peer.line()) {
                if (line.startsWith("PORT 127,0,0,1,")) {
                    String[] numbers = line.split(",");
                    port[0] = Integer.parseInt(numbers[4]) * 256 + Integer.parseInt(numbers[5]);
                }
                if (line.startsWith("RETR")) {
                    peer.send("150 here it comes\r\n");
                    try (Socket data = new Socket(InetAddress.getLoopbackAddress(), port[0])) {
                        data.getOutputStream().write(bytes("Welcome to FTP\n"));
                    }
                    peer.send("226 done\r\n");
                } else {
                    peer.send("200 ok\r\n");
                }
            }
        })) {
            Exchange exchange = Exchanges.of(Service.FTP, "/welcome.txt", "Welcome", "anonymous", "a@b");
            assertThat(Exchanges.hold(exchange, server.target(), active)).isEqualTo(UP);
            assertThat(Exchanges.hold(exchange.expecting("nothing"), server.target(), active))
                    .isEqualTo(NO_MATCH);
        }
        try (ScriptedServer silent = new ScriptedServer(peer -> {
            peer.send("220 server\r\n");
            for (String line = peer.line(); !line.isEmpty(); line = peer.line()) {
                peer.send(line.startsWith("RETR") ? "150 never comes\r\n" : "200 ok\r\n");
            }
        })) {
            CheckSpec.Negotiate check = new CheckSpec.Negotiate(
                    Exchanges.of(Service.FTP, "/welcome.txt", "", "anonymous", "a@b"), Duration.ofMillis(300));
            assertThat(Exchanges.reason(new HealthCheckers(new MemoryIcmpEcho(), active)
                            .of(check)
                            .check(silent.target(), Duration.ofMillis(300))))
                    .isEqualTo(Reason.TIMED_OUT);
        }
    }

    private static ServerSocket onIpv6() throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.bind(new InetSocketAddress(IpAddress.of("::1").toInetAddress(), 0));
        } catch (IOException e) {
            socket.close();
            assumeTrue(false, "no IPv6 on loopback: " + e.getMessage());
        }
        return socket;
    }

    @Test
    void speaksFtpAndHttpOverIpv6() throws IOException {
        try (ScriptedServer data = new ScriptedServer(onIpv6(), peer -> peer.send("Welcome"));
                ScriptedServer server = new ScriptedServer(onIpv6(), peer -> {
                    peer.send("220 hello\r\n");
                    for (String line = peer.line(); !line.isEmpty(); line = peer.line()) {
                        boolean passive = line.equals("EPSV");
                        int port = data.target().port();
                        peer.send(
                                passive
                                        ? "229 Entering Extended Passive Mode (|||" + port + "|)\r\n"
                                        : line.startsWith("RETR") ? "150 x\r\n226 y\r\n" : "230 ok\r\n");
                    }
                })) {
            assertThat(Exchanges.hold(Exchanges.of(Service.FTP, "/x", "Welcome", "u", "p"), server.target()))
                    .isEqualTo(UP);
            assertThat(server.lines()).contains("EPSV").doesNotContain("PASV");
        }
        try (ScriptedServer server = new ScriptedServer(onIpv6(), peer -> {
            peer.header();
            peer.send("HTTP/1.1 200 OK\r\n\r\n");
        })) {
            assertThat(Exchanges.hold(Exchange.of(Service.HTTP, "/"), server.target())
                            .passed())
                    .isTrue();
            assertThat(server.lines()).contains("Host: [::1]");
        }
    }

    @Test
    void findsThePortOfADataConnection() throws IOException {
        assertThat(FtpCheck.pasvPort("Entering Passive Mode (192,0,2,1,195,80)."))
                .isEqualTo(50000);
        assertThat(FtpCheck.pasvPort("=192,0,2,1,0,21")).isEqualTo(21);
        assertThat(FtpCheck.epsvPort("Entering Extended Passive Mode (|||50000|)"))
                .isEqualTo(50000);
        for (String bad : List.of("", "1,2,3", "(1,2,3,4,300,1)", "(1,2,3,4,0,0)", "(1,2,3,4,5,6,7)")) {
            assertThatThrownBy(() -> FtpCheck.pasvPort(bad)).isInstanceOf(MalformedAnswerException.class);
        }
    }

    @Test
    void matchesTheAnswerOfSimpletcpLineByLine() throws IOException {
        ScriptedServer.Script echo = peer -> {
            String line = peer.line();
            int end = peer.in.read();
            peer.send("one\n" + line + (end < 0 ? " eof" : "") + "\nlast");
        };
        try (ScriptedServer server = new ScriptedServer(echo)) {
            assertThat(simple("PING\\n", "^PING eof$", server)).isEqualTo(UP);
            assertThat(simple("/PING\\n", "last", server)).isEqualTo(UP);
            assertThat(simple("PING\\n", "one.PING", server)).isEqualTo(NO_MATCH);
            assertThat(simple("PING\\n", "", server)).isEqualTo(UP);
        }
        try (ScriptedServer silent = new ScriptedServer(peer -> peer.in.read())) {
            assertThat(simple("/", "", silent)).isEqualTo(NO_MATCH);
        }
    }

    private static CheckResult simple(String request, String receive, ScriptedServer server) {
        return Exchanges.hold(Exchanges.of(Service.SIMPLETCP, request, receive, "", ""), server.target());
    }

    @Test
    void speaksSimpletcpByDatagram() throws IOException {
        try (ScriptedDatagrams server = new ScriptedDatagrams(request -> List.of(bytes("one\ntwo\n")))) {
            assertThat(Exchanges.hold(Exchanges.byDatagram(Service.SIMPLETCP, "/PING\\n", "^two$"), server.target()))
                    .isEqualTo(UP);
            assertThat(server.requests().getFirst()).isEqualTo(bytes("PING\n"));
            assertThat(Exchanges.hold(Exchanges.byDatagram(Service.SIMPLETCP, "/x", "three"), server.target()))
                    .isEqualTo(NO_MATCH);
        }
    }

    @Test
    void asksForSipOptionsOnBothTransports() throws IOException {
        ScriptedServer.Script script = peer -> {
            peer.header();
            peer.send("SIP/2.0 100 Trying\r\nContent-Length: 0\r\n\r\nSIP/2.0 200 OK\r\n\r\n");
        };
        try (ScriptedServer server = new ScriptedServer(script)) {
            assertThat(Exchanges.hold(Exchanges.of(Service.SIP, "/", "", "u@h", ""), server.target()))
                    .isEqualTo(UP);
            assertThat(server.lines())
                    .contains(
                            "OPTIONS sip:u@h SIP/2.0",
                            "Max-Forwards: 70",
                            "To: <sip:u@h>",
                            "From: <sip:u@h>;tag=1928301774",
                            "CSeq: 63104 OPTIONS",
                            "Contact: <sip:u@h>",
                            "Accept: application/sdp",
                            "Content-Length: 0")
                    .anyMatch(line -> line.matches("Via: SIP/2.0/TCP 127.0.0.1:\\d+;branch=z9hG4bK[0-9a-f]{16}"))
                    .anyMatch(line -> line.matches("Call-ID: [0-9a-f]{16}"));
        }
        try (ScriptedDatagrams server = new ScriptedDatagrams(
                request -> List.of(bytes("SIP/2.0 100 Trying\r\n\r\n"), bytes("SIP/2.0 200 OK\r\n\r\n")))) {
            assertThat(Exchanges.hold(Exchanges.byDatagram(Service.SIP, "/", ""), server.target()))
                    .isEqualTo(UP);
            assertThat(new String(server.requests().getFirst(), StandardCharsets.ISO_8859_1))
                    .contains("Via: SIP/2.0/UDP 127.0.0.1:");
        }
        try (ScriptedDatagrams server =
                new ScriptedDatagrams(request -> List.of(bytes("SIP/2.0 503 Service Unavailable\r\n\r\n")))) {
            assertThat(Exchanges.hold(Exchanges.byDatagram(Service.SIP, "/", ""), server.target()))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "503 Service Unavailable"));
        }
    }

    @Test
    void sendsALostDatagramAgain() throws IOException {
        int[] seen = new int[1];
        try (ScriptedDatagrams server = new ScriptedDatagrams(
                request -> ++seen[0] < 2 ? List.of() : List.of(bytes("SIP/2.0 200 OK\r\n\r\n")))) {
            assertThat(Exchanges.hold(Exchanges.byDatagram(Service.SIP, "/", ""), server.target()))
                    .isEqualTo(UP);
        }
        ScriptedDatagrams closed = new ScriptedDatagrams(request -> List.of());
        closed.close();
        assertThat(Exchanges.reason(Exchanges.hold(Exchanges.byDatagram(Service.SIP, "/", ""), closed.target())))
                .isEqualTo(Reason.REFUSED);
        try (ScriptedDatagrams mute = new ScriptedDatagrams(request -> List.of())) {
            assertThat(Exchanges.hold(
                            Exchanges.byDatagram(Service.SIP, "/", ""), mute.target(), Duration.ofMillis(200)))
                    .isEqualTo(new Failed(Reason.TIMED_OUT, "no complete answer within 200 ms"));
        }
    }

    @Test
    void makesChecksWithoutAnExchange() throws IOException {
        MemoryIcmpEcho echo = new MemoryIcmpEcho();
        echo.answer(IpAddress.of("192.0.2.1"), Duration.ofMillis(3));
        HealthCheckers checkers = new HealthCheckers(echo);
        CheckTarget nowhere = new CheckTarget(IpAddress.of("192.0.2.1"), 0);
        Duration timeout = Duration.ofSeconds(1);
        assertThat(checkers.of(new CheckSpec.On()).check(nowhere, timeout).passed())
                .isTrue();
        assertThat(checkers.of(new CheckSpec.Off()).check(nowhere, timeout).passed())
                .isFalse();
        CheckSpec.Ping ping = new CheckSpec.Ping(2, Duration.ofMillis(10));
        assertThat(checkers.of(ping).check(nowhere, timeout)).isEqualTo(new Passed("answered in 3000 us"));
        CheckTarget silent = new CheckTarget(IpAddress.of("192.0.2.2"), 0);
        echo.silence(silent.address());
        assertThat(Exchanges.reason(checkers.of(ping).check(silent, timeout))).isEqualTo(Reason.TIMED_OUT);
        assertThat(Exchanges.hold(Exchange.of(Service.NONE, "/"), nowhere).passed())
                .isTrue();
        assertThat(Exchanges.reason(Exchanges.hold(Exchange.of(Service.ORACLE, "/x"), nowhere)))
                .isEqualTo(Reason.NOT_POSSIBLE);
        ScriptedServer server = new ScriptedServer(ScriptedServer.Peer::hang);
        CheckSpec connect = new CheckSpec.Connect(timeout);
        try (server) {
            assertThat(checkers.of(connect).check(server.target(), timeout)).isEqualTo(new Passed("connected"));
        }
        assertThat(checkers.of(connect).check(server.target(), timeout))
                .isEqualTo(new Failed(Reason.REFUSED, "connection refused"));
    }
}
