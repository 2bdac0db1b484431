package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.Service;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MemoryIcmpEcho;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The answers a good server gives, cut off after so many bytes, with one byte changed, or followed by noise; inside TLS where the service has it.
 * {@link HostileAnswersTest} makes answers up; what begins well leads a client further in. The checks that are no service are here too.
 */
class CutAnswersTest {
    private static final long SEED = Long.getLong("halvs.fuzz.seed", 20261121);
    private static final int CUTS = Integer.getInteger("halvs.fuzz.cuts", 24);
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final Duration SLACK = Duration.ofSeconds(10);
    private static final Set<Service> ENCRYPTED = EnumSet.of(Service.HTTPS, Service.IMAPS, Service.POPS, Service.LDAPS);

    @TempDir
    private static Path directory;

    private static SelfSigned certificate;

    @BeforeAll
    static void make() throws IOException, InterruptedException, GeneralSecurityException {
        certificate = SelfSigned.in(directory);
    }

    /** All that a good server says in one connection. */
    private static byte[] goodAnswer(Service service) {
        return switch (service) {
            case HTTP, HTTPS, HTTP_PROXY ->
                lines(
                        "HTTP/1.1 200 OK",
                        "Transfer-Encoding: chunked",
                        "",
                        "5",
                        "hello",
                        "3;x=y",
                        "foo",
                        "0",
                        "A: b",
                        "");
            case SMTP, SUBMISSION -> text("220-mail\r\n220 mail\r\n250-mail\r\n250 SIZE 1\r\n221 bye\r\n");
            case POP, POPS -> text("+OK ready\r\n+OK\r\nUSER\r\n.\r\n+OK\r\n+OK in\r\n+OK 0 0\r\n+OK bye\r\n");
            case IMAP, IMAPS -> text("* OK ready\r\n* CAPABILITY IMAP4rev1\r\n0 OK in\r\n* BYE\r\n1 OK\r\n");
            case FTP ->
                lines(
                        "220 ftp",
                        "331 password",
                        "230 in",
                        "250 ok",
                        "200 binary",
                        "227 passive (127,0,0,1,0,9)",
                        "150 here",
                        "226 done",
                        "221 bye");
            case NNTP -> text("200 news ready\r\n");
            case SIP -> text("SIP/2.0 100 Trying\r\nX: y\r\n\r\nSIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
            case SIMPLETCP, NONE, ORACLE -> text("one line\nhello\n");
            case LDAP, LDAPS ->
                joined(
                        bytes(0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0),
                        bytes(0x30, 0x0b, 2, 1, 2, 0x64, 6, 4, 2, 'd', 'n', 0x30, 0),
                        bytes(0x30, 0x0c, 2, 1, 2, 0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0));
            case MYSQL ->
                joined(
                        text("J\0\0\0\n8.0.1\0\1\0\0\0abcdefgh\0\377\367\41\2\0\377\201\25\0\0\0\0\0\0\0\0\0\0"),
                        text("ijklmnopqrst\0caching_sha2_password\0"),
                        bytes(2, 0, 0, 2, 1, 3),
                        bytes(7, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0),
                        bytes(1, 0, 0, 1, 1),
                        bytes(
                                23, 0, 0, 2, 3, 'd', 'e', 'f', 0, 0, 0, 1, '1', 1, '1', 12, 63, 0, 1, 0, 0, 0, 8, 129,
                                0, 0, 0),
                        bytes(5, 0, 0, 3, 0xfe, 0, 0, 2, 0),
                        bytes(2, 0, 0, 4, 1, '1'),
                        bytes(5, 0, 0, 5, 0xfe, 0, 0, 2, 0));
            case PGSQL ->
                joined(
                        bytes('R', 0, 0, 0, 8, 0, 0, 0, 0),
                        bytes('S', 0, 0, 0, 8, 'a', 0, 'b', 0),
                        bytes('Z', 0, 0, 0, 5, 'I'),
                        bytes('T', 0, 0, 0, 6, 0, 0),
                        bytes('D', 0, 0, 0, 11, 0, 1, 0, 0, 0, 1, '1'),
                        bytes('C', 0, 0, 0, 13, 'S', 'E', 'L', 'E', 'C', 'T', ' ', '1', 0),
                        bytes('Z', 0, 0, 0, 5, 'I'));
            case DNS ->
                joined(
                        bytes(0, 50, 0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 3),
                        text("www\7example\4test\0\0\1\0\1"),
                        bytes(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1));
            case RADIUS -> joined(bytes(2, 0, 0, 20), new byte[16]);
        };
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] lines(String... lines) {
        return text(String.join("\r\n", lines) + "\r\n");
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] joined(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] joined = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }

    /** The whole answer, its beginnings, and for each of them one with a byte changed and one followed by noise. */
    private static List<byte[]> variants(byte[] whole, Random random) {
        List<byte[]> variants = new ArrayList<>(List.of(whole));
        int step = Math.max(1, whole.length / CUTS);
        for (int length = 0; length < whole.length; length += step) {
            byte[] cut = Arrays.copyOf(whole, length);
            byte[] changed = whole.clone();
            changed[length] = (byte) random.nextInt(256);
            byte[] noise = new byte[1 + random.nextInt(40)];
            random.nextBytes(noise);
            variants.addAll(List.of(cut, changed, joined(cut, noise)));
        }
        return variants;
    }

    private static void assertEndsWell(CheckSpec spec, CheckTarget target, String what) {
        long begin = System.nanoTime();
        CheckResult result = new HealthCheckers(new MemoryIcmpEcho()).of(spec).check(target, TIMEOUT);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        assertThat(took).as(what + ": " + result).isLessThan(TIMEOUT.plus(SLACK));
        assertThat(result.detail()).as(what).doesNotContain("could not be understood");
    }

    private static CheckSpec negotiate(Service service, boolean datagram) {
        String request = service == Service.HTTP_PROXY ? "http://127.0.0.1/x" : "/www.example.test";
        Exchange exchange = new Exchange(service, datagram, request, "hel+o", "GET", "", "u", "p", "secret", "db");
        return new CheckSpec.Negotiate(exchange, TIMEOUT);
    }

    /** Feeds a check every variant of {@code whole}, half of them by servers that then hang up and half by such that do not. */
    private static void feed(CheckSpec spec, byte[] whole, boolean encrypted, String what)
            throws InterruptedException, ExecutionException {
        List<byte[]> variants = variants(whole, new Random(SEED + what.hashCode()));
        InParallel.run(variants.size(), index -> {
            ScriptedServer.Script script = peer -> {
                peer.send(variants.get(index));
                if (index % 2 == 0) {
                    peer.hang();
                }
                peer.socket.shutdownOutput();
                Thread.sleep(20);
            };
            ServerSocket socket = encrypted ? certificate.listen() : new ServerSocket();
            try (ScriptedServer server = new ScriptedServer(socket, script)) {
                assertEndsWell(spec, server.target(), what + " variant " + index + " seed " + SEED);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void endsWhereverAnAnswerIsCut(Service service) throws InterruptedException, ExecutionException {
        feed(negotiate(service, false), goodAnswer(service), ENCRYPTED.contains(service), service.word());
    }

    @ParameterizedTest
    @EnumSource(
            value = Service.class,
            names = {"DNS", "SIP", "RADIUS", "SIMPLETCP"})
    void endsWhereverADatagramIsCut(Service service) throws InterruptedException, ExecutionException {
        // by datagram a DNS message has no length before it
        byte[] whole = goodAnswer(service);
        byte[] datagram = service == Service.DNS ? Arrays.copyOfRange(whole, 2, whole.length) : whole;
        List<byte[]> variants = variants(datagram, new Random(SEED));
        InParallel.run(variants.size(), index -> {
            ScriptedDatagrams.Script script = request -> {
                byte[] answer = variants.get(index).clone();
                // the identifier of the request, without which nobody looks at the rest
                int identifier = service == Service.DNS ? 0 : 1;
                int length = service == Service.DNS ? 2 : service == Service.RADIUS ? 1 : 0;
                if (answer.length >= identifier + length) {
                    System.arraycopy(request, identifier, answer, identifier, length);
                }
                return List.of(answer);
            };
            try (ScriptedDatagrams server = new ScriptedDatagrams(script)) {
                assertEndsWell(negotiate(service, true), server.target(), service + " variant " + index);
            }
        });
    }

    @Test
    void checksThatAreNoServiceEndToo() throws InterruptedException, ExecutionException {
        byte[] answer = text("+OK ready <1@x>\r\nhello\r\n");
        feed(new CheckSpec.Connect(TIMEOUT), answer, false, "connect");
        feed(new CheckSpec.SendExpect(false, "hello\r\n", "+OK", false, TIMEOUT), answer, false, "send and expect");
        feed(new CheckSpec.SendExpect(false, "", "hel+o", true, TIMEOUT), answer, false, "send and expect a pattern");
        Exchange exchange = Exchange.of(Service.HTTP, "/");
        feed(
                new CheckSpec.Combined(new CheckSpec.Negotiate(exchange, TIMEOUT), new CheckSpec.Connect(TIMEOUT), 3),
                goodAnswer(Service.HTTP),
                false,
                "combined");
    }

    @Test
    void programsEndWhateverTheyWrite() {
        CheckTarget target = new CheckTarget(IpAddress.of("127.0.0.1"), 80);
        for (String script : List.of(
                "head -c 100000 /dev/urandom",
                "head -c 100000 /dev/urandom >&2; exit 3",
                "sleep 60 & wait",
                "trap '' TERM; sleep 60",
                "exec >&-; exec 2>&-; sleep 60",
                "kill -9 $$")) {
            List<String> command = List.of("/bin/sh", "-c", script);
            assertEndsWell(new CheckSpec.ProgramOutput(command, "x", TIMEOUT), target, script);
            assertEndsWell(
                    new CheckSpec.External("/bin/sh", command.subList(1, command.size()), TIMEOUT), target, script);
        }
    }
}
