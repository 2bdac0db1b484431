package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckSpec.Negotiate;
import org.halvs.check.CheckTarget;
import org.halvs.check.Service;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MemoryIcmpEcho;
import org.junit.jupiter.api.Test;

class HttpCheckTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HealthCheckers checkers = new HealthCheckers(new MemoryIcmpEcho());

    private CheckResult check(Exchange exchange, CheckTarget target, Duration timeout) {
        return checkers.of(new Negotiate(exchange, timeout)).check(target, timeout);
    }

    private CheckResult check(Exchange exchange, ScriptedServer server) {
        return check(exchange, server.target(), TIMEOUT);
    }

    private static Exchange get(String request) {
        return Exchange.of(Service.HTTP, request);
    }

    private static ScriptedServer answering(String answer) throws IOException {
        return new ScriptedServer(peer -> {
            peer.header();
            peer.send(answer);
        });
    }

    private void assertAnswer(String answer, String receive, CheckResult expected) throws IOException {
        try (ScriptedServer server = answering(answer)) {
            assertThat(check(get("/").expecting(receive), server)).isEqualTo(expected);
            assertThat(Exchanges.holdInRunner(get("/").expecting(receive), server.target(), TIMEOUT))
                    .isEqualTo(expected);
        }
    }

    private static Failed unexpected(String detail) {
        return new Failed(Reason.UNEXPECTED_ANSWER, detail);
    }

    /** {@code compatibility: user_agent}, for servers that know their checker by its name. */
    @Test
    void callsItselfAsASiteWants() throws IOException {
        try (ScriptedServer server = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
            ClientSettings client = new ClientSettings("libwww-perl/6.68", false, Optional.empty());
            assertThat(Exchanges.hold(get("index.html"), server.target(), client))
                    .isEqualTo(new Passed("200 OK"));
            assertThat(server.lines()).contains("User-Agent: libwww-perl/6.68");
        }
    }

    @Test
    void asksAsLdirectordDoes() throws IOException {
        try (ScriptedServer server = answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nTest Page")) {
            assertThat(check(get("index.html").expecting("Test Page"), server)).isEqualTo(new Passed("200 OK"));
            assertThat(server.lines())
                    .containsExactly(
                            "GET /index.html HTTP/1.1",
                            "Connection: close",
                            "Host: 127.0.0.1",
                            "User-Agent: halvs",
                            "");
        }
    }

    @Test
    void judgesByStatusAndExpression() throws IOException {
        assertAnswer("HTTP/1.0 200 OK\r\n\r\nall is well", "is w", new Passed("200 OK"));
        assertAnswer("HTTP/1.1 204 No Content\r\n\r\n", "", new Passed("204 No Content"));
        assertAnswer("HTTP/1.1 200\r\n\r\n", "", new Passed("200"));
        assertAnswer("HTTP/1.1 500 Oops\r\n\r\nOK", "OK", unexpected("500 Oops"));
        assertAnswer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "", unexpected("404 Not Found"));
        assertAnswer("HTTP/1.1 200 OK\r\n\r\na|b%\r\nc", "Test", unexpected("a|b%\r\nc"));
        // no flags: case counts, ^ is the start of the body, a dot is no line feed
        assertAnswer("HTTP/1.1 200 OK\r\n\r\none\ntwo", "ONE", unexpected("one\ntwo"));
        assertAnswer("HTTP/1.1 200 OK\r\n\r\none\ntwo", "^two", unexpected("one\ntwo"));
        assertAnswer("HTTP/1.1 200 OK\r\n\r\none\ntwo", "one.two", unexpected("one\ntwo"));
        assertAnswer("HTTP/1.1 200 OK\r\n\r\none\ntwo\n", "two$", new Passed("200 OK"));
        assertAnswer("HTTP/1.1 200 OK\r\n\r\ncaf\u00c3\u00a9", "\u00c3\u00a9", new Passed("200 OK"));
    }

    @Test
    void readsBodiesOfEveryKind() throws IOException {
        assertAnswer(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nTest\r\n5\r\n Page\r\n0\r\nA: b\r\n\r\n",
                "^Test Page$",
                new Passed("200 OK"));
        assertAnswer("HTTP/1.1 200 OK\r\ncontent-length:4\r\n\r\nTest Page", "^Test$", new Passed("200 OK"));
        assertAnswer("HTTP/1.1 200 OK\nX: y\n\nTest", "Test", new Passed("200 OK"));
        assertAnswer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", "x", new Passed("200 OK"));
        assertAnswer("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\ncut off", "cut", new Passed("200 OK"));
    }

    @Test
    void refusesWhatIsNoHttp() throws IOException {
        assertThat(failure("SSH-2.0-OpenSSH\r\n")).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(failure("HTTP/1.1 xyz\r\n\r\n")).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(failure("HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n")).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(failure("HTTP/1.1 200 OK\r\nX: " + "x".repeat(80_000))).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(failure("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(20_000))).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"))
                .isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(failure("")).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(failure("HTTP/1.1 100 Continue\r\n\r\n".repeat(50))).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    private Reason failure(String answer) throws IOException {
        try (ScriptedServer server = answering(answer)) {
            CheckResult result = check(get("/"), server);
            assertThat(Exchanges.holdInRunner(get("/"), server.target(), TIMEOUT))
                    .isEqualTo(result);
            return result instanceof Failed(Reason reason, String _) ? reason : Reason.NOT_POSSIBLE;
        }
    }

    @Test
    void followsRedirectsToTheEnd() throws IOException {
        try (ScriptedServer last = answering("HTTP/1.1 200 OK\r\n\r\nfinal");
                ScriptedServer first = answering("HTTP/1.1 302 Found\r\nLocation: http://" + last.target()
                        + "/final?a=b\r\nContent-Length: 0\r\n\r\n")) {
            assertThat(check(get("/").expecting("final"), first)).isEqualTo(new Passed("200 OK"));
            assertThat(last.lines()).contains("GET /final?a=b HTTP/1.1", "Host: " + last.target());
        }
        ScriptedServer.Script relative = peer -> {
            String request = peer.line();
            peer.header();
            peer.send(
                    request.startsWith("GET /a/two ")
                            ? "HTTP/1.1 404 Not Found\r\n\r\n"
                            : "HTTP/1.1 301 Moved\r\nLocation: two\r\n\r\n");
        };
        try (ScriptedServer server = new ScriptedServer(relative)) {
            assertThat(check(get("/a/one"), server)).isEqualTo(unexpected("404 Not Found"));
        }
        try (ScriptedServer server = answering("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")) {
            assertThat(check(get("/"), server)).isEqualTo(unexpected("302 Found"));
            assertThat(server.lines().stream().filter(line -> line.startsWith("GET")))
                    .hasSize(8);
        }
        assertAnswer("HTTP/1.1 302 Found\r\n\r\n", "", unexpected("302 Found"));
    }

    @Test
    void sendsHeadAndVirtualHost() throws IOException {
        Exchange head = new Exchange(Service.HTTP, false, "/x", "", "HEAD", "www.example.test", "", "", "", "");
        try (ScriptedServer server = answering("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")) {
            assertThat(check(head, server)).isEqualTo(new Passed("200 OK"));
            assertThat(server.lines()).contains("HEAD /x HTTP/1.1", "Host: www.example.test");
            assertThat(check(head.expecting("x"), server).passed()).isFalse();
        }
    }

    @Test
    void takesTargetAndPathFromAFullUrl() throws IOException {
        try (ScriptedServer server = answering("HTTP/1.1 200 OK\r\n\r\n")) {
            CheckTarget other = new CheckTarget(IpAddress.of("127.0.0.9"), 9);
            CheckResult result = check(get("/http://" + server.target() + "/deep/path"), other, TIMEOUT);
            assertThat(result).isEqualTo(new Passed("200 OK"));
            assertThat(server.lines()).contains("GET /deep/path HTTP/1.1", "Host: 127.0.0.9");
        }
    }

    @Test
    void asksAProxyForAUrl() throws IOException {
        Exchange exchange = Exchange.of(Service.HTTP_PROXY, "/http://www.example.test/x");
        try (ScriptedServer server = answering("HTTP/1.1 200 OK\r\n\r\nTest Page")) {
            assertThat(check(exchange.expecting("Test Page"), server)).isEqualTo(new Passed("200 OK"));
            assertThat(server.lines()).contains("GET http://www.example.test/x HTTP/1.1", "Host: www.example.test");
            assertThat(check(Exchange.of(Service.HTTP_PROXY, "/x"), server))
                    .isInstanceOfSatisfying(
                            Failed.class, failed -> assertThat(failed.reason()).isEqualTo(Reason.NOT_POSSIBLE));
        }
    }

    @Test
    void saysWhyItCannotConnect() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        CheckTarget nobody = new CheckTarget(IpAddress.of("127.0.0.1"), port);
        assertThat(check(get("/"), nobody, TIMEOUT))
                .isEqualTo(new Failed(Reason.REFUSED, "500 Can't connect to " + nobody + " (Connection refused)"));
    }

    @Test
    void endsAtTheDeadline() throws IOException {
        Duration timeout = Duration.ofMillis(300);
        ScriptedServer.Script drip = peer -> {
            peer.header();
            peer.send("HTTP/1.1 200 OK\r\n\r\n");
            while (true) {
                peer.send("x");
                Thread.sleep(20);
            }
        };
        for (ScriptedServer.Script script : new ScriptedServer.Script[] {ScriptedServer.Peer::hang, drip}) {
            try (ScriptedServer server = new ScriptedServer(script)) {
                long begin = System.nanoTime();
                assertThat(check(get("/"), server.target(), timeout))
                        .isEqualTo(new Failed(Reason.TIMED_OUT, "no complete answer within 300 ms"));
                assertThat(Duration.ofNanos(System.nanoTime() - begin))
                        .isBetween(Duration.ofMillis(290), Duration.ofMillis(600));
            }
        }
    }

    @Test
    void matchesWhatItReadOfAnEndlessBody() throws IOException {
        byte[] piece = "0123456789abcdef".repeat(4096).getBytes(StandardCharsets.ISO_8859_1);
        ScriptedServer.Script endless = peer -> {
            peer.header();
            peer.send("HTTP/1.1 200 OK\r\n\r\nbegin");
            while (true) {
                peer.send(piece);
            }
        };
        try (ScriptedServer server = new ScriptedServer(endless)) {
            assertThat(check(get("/").expecting("^begin"), server)).isEqualTo(new Passed("200 OK"));
            assertThat(check(get("/").expecting("nowhere"), server).passed()).isFalse();
            assertThat(AnswerBody.sharedBytes()).isZero();
        }
    }

    @Test
    void cutsOffAnExpressionThatBacktracksForEver() throws IOException {
        try (ScriptedServer server = answering("HTTP/1.1 200 OK\r\n\r\n" + "a".repeat(5000) + "!")) {
            long begin = System.nanoTime();
            CheckResult result = check(get("/").expecting("^(a+)+$"), server);
            assertThat(result).isEqualTo(unexpected("the receive expression takes too long for this answer"));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
        }
        try (ScriptedServer server = answering("HTTP/1.1 200 OK\r\n\r\n" + "ab".repeat(400_000))) {
            assertThat(check(get("/").expecting("^(a|b)*c"), server).passed()).isFalse();
        }
    }

    @Test
    void saysSoWhenReceiveIsNoExpression() {
        CheckTarget target = new CheckTarget(IpAddress.of("127.0.0.1"), 1);
        assertThat(check(get("/").expecting("*x"), target, TIMEOUT)).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.reason()).isEqualTo(Reason.NOT_POSSIBLE);
            assertThat(failed.detail()).contains("not a regular expression").contains("*x");
        });
    }
}
