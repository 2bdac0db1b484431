package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever a server answers, a check ends by its deadline, with a result, and holds no more memory than it says. Every protocol client is fed pieces
 * of its own protocol put together at random, cut off, repeated without end, and given out a byte at a time. The seed is fixed; {@code
 * -Dhalvs.fuzz.seed} and {@code -Dhalvs.fuzz.rounds} make longer runs.
 */
class HostileAnswersTest {
    private static final long SEED = Long.getLong("halvs.fuzz.seed", 20261121);
    private static final int ROUNDS = Integer.getInteger("halvs.fuzz.rounds", 60);
    private static final Duration TIMEOUT = Duration.ofMillis(300);
    private static final Duration SLACK = Duration.ofMillis(1500);

    /** Pieces that lead a client deeper into its protocol than noise would. */
    private static final List<byte[]> PIECES = List.of(
            text("HTTP/1.1 200 OK\r\n"),
            text("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"),
            text("HTTP/1.1 302 Found\r\nLocation: http://[::bad/\r\n\r\n"),
            text("Content-Length: 99999999999\r\n"),
            text("Content-Length: 5\r\n"),
            text("Transfer-Encoding: chunked\r\n\r\n"),
            text("ffffffffffffffff\r\n"),
            text("7fffffffffffffff\r\n"),
            text("5\r\nhello\r\n0\r\n\r\n"),
            text("\r\n"),
            text("\r\n\r\n"),
            text("220 ready\r\n"),
            text("220-more\r\n"),
            text("230 in\r\n"),
            text("250 ok\r\n"),
            text("331 password\r\n"),
            text("227 Entering Passive Mode (127,0,0,1,0,1)\r\n"),
            text("227 Entering Passive Mode (9999999999999)\r\n"),
            text("150 coming\r\n226 done\r\n"),
            text("+OK\r\n"),
            text("-ERR no\r\n"),
            text(".\r\n"),
            text("* OK hello\r\n"),
            text("0 OK done\r\n"),
            text("* 1 FETCH {4294967295}\r\n"),
            text("SIP/2.0 100 Trying\r\n\r\n"),
            text("SIP/2.0 200 OK\r\n\r\n"),
            bytes(0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0),
            bytes(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff),
            bytes(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
            bytes(0x30, 0x0d, 2, 1, 2, 0x64, 8, 4, 2, 'd', 'n', 0x30, 2, 4, 0),
            bytes(0x30, 0x0c, 2, 1, 2, 0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0),
            bytes(0x30, 0x03, 2, 0x7f, 1),
            text("J\0\0\0\n8.0.1\0\1\0\0\0abcdefgh\0\377\367\41\2\0\377\201\25\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0"
                    + "caching_sha2_password\0"),
            bytes(7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0),
            bytes(2, 0, 0, 2, 1, 4),
            bytes(2, 0, 0, 4, 1, 'x'),
            bytes(0xff, 0xff, 0xff, 0),
            bytes(1, 0, 0, 1, 0xfa),
            bytes(5, 0, 0, 4, 0xfe, 0, 0, 2, 0),
            bytes('R', 0, 0, 0, 8, 0, 0, 0, 0),
            bytes('R', 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4),
            text("R\0\0\0\27\0\0\0\12SCRAM-SHA-256\0\0"),
            text("R\0\0\0\27\0\0\0\13r=x,s=AAAA,i=9999"),
            bytes('Z', 0, 0, 0, 5, 'I'),
            bytes('D', 0x7f, 0xff, 0xff, 0xff),
            bytes('D', 0xff, 0xff, 0xff, 0xff),
            bytes('E', 0, 0, 0, 8, 'M', 'n', 'o', 0),
            bytes(0, 40, 0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1),
            bytes(0xff, 0xff, 0, 0, 0x81, 0x80, 0, 0, 0x03, 0xe8),
            bytes(22, 3, 3, 0, 0x40, 2, 0, 0, 0x3c, 3, 3),
            bytes(22, 3, 3, 0xff, 0xff),
            bytes(21, 3, 3, 0, 2, 2, 40));

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static Exchange exchange(Service service, boolean datagram, String receive) {
        String request = service == Service.HTTP_PROXY ? "http://127.0.0.1/x" : "/www.example.test";
        return new Exchange(service, datagram, request, receive, "GET", "", "u", "p", "secret", "db");
    }

    /** The check, and whether it kept its promises. */
    private static void assertEndsWell(Exchange exchange, CheckTarget target, String what) {
        assertEndsWell(() -> Exchanges.hold(exchange, target, TIMEOUT), what);
        if (exchange.service() == Service.HTTP || exchange.service() == Service.HTTP_PROXY) {
            assertEndsWell(() -> Exchanges.holdInRunner(exchange, target, TIMEOUT), what + " in a runner");
        }
    }

    private static void assertEndsWell(Supplier<CheckResult> check, String what) {
        long begin = System.nanoTime();
        CheckResult result = check.get();
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertThat(took).as(what + ": " + result).isLessThan(TIMEOUT.plus(SLACK));
        assertThat(result.detail()).as(what).doesNotContain("could not be understood");
    }

    private static byte[] randomAnswer(Random random) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        int pieces = random.nextInt(8);
        for (int i = 0; i < pieces; i++) {
            byte[] piece = PIECES.get(random.nextInt(PIECES.size())).clone();
            if (random.nextInt(4) == 0) {
                piece = Arrays.copyOf(piece, random.nextInt(piece.length + 1));
            }
            for (int flips = random.nextInt(3); flips > 0 && piece.length > 0 && random.nextBoolean(); flips--) {
                piece[random.nextInt(piece.length)] = (byte) random.nextInt(256);
            }
            answer.writeBytes(piece);
        }
        if (random.nextInt(3) == 0) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            answer.writeBytes(noise);
        }
        return answer.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void endsWhateverAServerAnswers(Service service) throws IOException, InterruptedException, ExecutionException {
        Random random = new Random(SEED * 31 + service.name().hashCode());
        List<byte[]> answers = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            answers.add(randomAnswer(random));
        }
        InParallel.run(answers.size(), round -> {
            byte[] answer = answers.get(round);
            boolean hangs = round % 4 == 0;
            boolean atOnce = round % 2 == 0;
            ScriptedServer.Script script = peer -> {
                if (!atOnce) {
                    peer.in.read();
                }
                peer.send(answer);
                if (hangs) {
                    peer.hang();
                }
                Thread.sleep(20);
            };
            try (ScriptedServer server = new ScriptedServer(script)) {
                String what = service + " round " + round + " seed " + SEED;
                assertEndsWell(exchange(service, false, round % 3 == 0 ? "" : "x+y"), server.target(), what);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Service.class,
            names = {"DNS", "SIP", "RADIUS", "SIMPLETCP"})
    void endsWhateverADatagramSays(Service service) throws IOException, InterruptedException, ExecutionException {
        InParallel.run(ROUNDS / 3, round -> {
            Random random = new Random(SEED + 7919L * round);
            ScriptedDatagrams.Script script = request -> {
                byte[] mirrored = Arrays.copyOf(request, request.length + random.nextInt(40));
                for (int flips = 1 + random.nextInt(6); flips > 0 && mirrored.length > 2; flips--) {
                    mirrored[2 + random.nextInt(mirrored.length - 2)] = (byte) random.nextInt(256);
                }
                return List.of(mirrored, randomAnswer(random), new byte[0]);
            };
            try (ScriptedDatagrams server = new ScriptedDatagrams(script)) {
                assertEndsWell(exchange(service, true, "x+y"), server.target(), service + " round " + round);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void endsWhenAnAnswerNeverDoes(Service service) throws IOException, InterruptedException, ExecutionException {
        byte[] zeros = new byte[65536];
        byte[] line = text("220-more 250-more +OK * OK HTTP/1.1 200 OK ");
        List<ScriptedServer.Script> scripts = List.of(
                ScriptedServer.Peer::hang,
                peer -> endless(peer, zeros, 0),
                peer -> endless(peer, line, 0),
                peer -> endless(peer, text("220-more\r\n"), 0),
                peer -> endless(peer, text("HTTP/1.1 200 OK\r\n\r\n"), 0),
                peer -> endless(peer, text("HTTP/1.1 200 OK\r\nX: y\r\n"), 0),
                peer -> endless(peer, text("SIP/2.0 100 Trying\r\n\r\n"), 0),
                peer -> endless(peer, text("+OK x\r\n"), 0),
                peer -> endless(peer, bytes(22, 3, 3, 0, 1, 0), 0),
                peer -> endless(peer, text("x"), 50),
                peer -> endless(peer, text("2"), 50));
        InParallel.run(scripts.size(), index -> {
            try (ScriptedServer server = new ScriptedServer(scripts.get(index))) {
                assertEndsWell(exchange(service, false, "no+thing"), server.target(), service + " script " + index);
            }
        });
    }

    private static void endless(ScriptedServer.Peer peer, byte[] piece, long pauseMillis)
            throws IOException, InterruptedException {
        while (true) {
            peer.send(piece);
            // a pause at any rate: the servers share the processors with the checks and are not preempted
            Thread.sleep(Duration.ofNanos(Math.max(20_000, pauseMillis * 1_000_000)));
        }
    }

    /** 200 endless bodies at once may not hold more than the shared limit, and give all of it back. */
    @Test
    void boundsTheMemoryOfAllProbesTogether() throws IOException, InterruptedException, ExecutionException {
        byte[] piece = new byte[16384];
        ScriptedServer.Script script = peer -> {
            peer.header();
            peer.send("HTTP/1.1 200 OK\r\n\r\n");
            endless(peer, piece, 0);
        };
        try (ScriptedServer server = new ScriptedServer(script)) {
            InParallel.run(200, _ -> {
                Exchanges.hold(exchange(Service.HTTP, false, "x"), server.target(), Duration.ofSeconds(3));
                assertThat(AnswerBody.sharedBytes()).isLessThanOrEqualTo(AnswerBody.MAX_SHARED_BYTES);
            });
        }
        assertThat(AnswerBody.sharedBytes()).isZero();
    }
}
