package org.halvs.ldirectord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.halvs.check.protocol.HealthCheckers;
import org.halvs.director.PlanText;
import org.halvs.director.kernel.MemoryIpvsadm;
import org.halvs.ldirectord.FixedNameService;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LinuxConfigFiles;
import org.halvs.linux.MemoryIcmpEcho;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Traps of ldirectord that are closed here, by the numbers of their recordings: a configuration, servers on loopback, and what must not happen
 * again. Traps that show in one class alone are tested there; DIFFERENCES.md says where.
 */
class TrapsTest {
    private static final String GLOBALS = "checkinterval=1\nchecktimeout=1\nnegotiatetimeout=1\nautoreload=yes\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine";

    @TempDir
    private Path directory;

    private final MemoryIpvsadm ipvsadm = new MemoryIpvsadm();
    private final MemoryDaemonOutput output = new MemoryDaemonOutput();
    private final List<String> log = output.lines();
    private final List<AutoCloseable> servers = new ArrayList<>();
    private Optional<Thread> thread = Optional.empty();
    private Optional<LdirectordDaemon> daemon = Optional.empty();

    /** Says the same to everybody who has said something. */
    private static final class Server implements AutoCloseable {
        private final ServerSocket socket;

        Server(String address, String answer) throws IOException {
            socket = new ServerSocket(0, 50, InetAddress.ofLiteral(address));
            Thread.ofVirtual().start(() -> serve(answer));
        }

        int port() {
            return socket.getLocalPort();
        }

        private void serve(String answer) {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept()) {
                    boolean greeting = answer.startsWith("+");
                    if (greeting || client.getInputStream().read(new byte[4096]) > 0) {
                        client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    }
                } catch (IOException e) {
                    // that client has gone, or the server has
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private Server serve(String answer) throws IOException {
        return serve("127.0.0.1", answer);
    }

    private Server serve(String address, String answer) throws IOException {
        Server server = new Server(address, answer);
        servers.add(server);
        return server;
    }

    /** A port nobody listens on. */
    private static int deadPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private void write(String text) throws IOException {
        Files.writeString(directory.resolve("x.cf"), text, StandardCharsets.ISO_8859_1);
    }

    private void start(String text) throws IOException {
        write(text);
        ConfigSource source = new ConfigSource(
                directory.resolve("x.cf"),
                new LdirectordReader(new FixedNameService("", "", "director1"), new LinuxConfigFiles()));
        HealthCheckers checkers = new HealthCheckers(new MemoryIcmpEcho());
        DaemonSettings settings = new DaemonSettings(
                source,
                checkers::of,
                listener -> new KernelDaemonPlane(ipvsadm, false, listener),
                new Surroundings(mail -> Optional.empty(), List.of("/bin/true"), "director1"));
        LdirectordDaemon started =
                new LdirectordDaemon(settings, source.read().result().value().orElseThrow(), output);
        daemon = Optional.of(started);
        thread = Optional.of(Thread.ofPlatform().name("daemon").start(started::run));
    }

    @AfterEach
    void end() throws Exception {
        if (daemon.isPresent()) {
            daemon.get().stop("TERM");
            thread.orElseThrow().join(20_000);
        }
        for (AutoCloseable server : servers) {
            server.close();
        }
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(condition.getAsBoolean())
                .as("%s; log: %s; table: %s", what, log, PlanText.listing(ipvsadm.table()))
                .isTrue();
    }

    /** Waits for the table to have these servers and no others. */
    private void awaitServers(String... lines) throws InterruptedException {
        await("servers " + Arrays.toString(lines), () -> servers().equals(List.of(lines)));
    }

    private List<String> servers() {
        return PlanText.listing(ipvsadm.table()).stream()
                .filter(line -> line.startsWith("  -> "))
                .map(line -> line.substring("  -> ".length()))
                .sorted()
                .toList();
    }

    private void awaitLogged(String part) throws InterruptedException {
        await("a line with " + part, () -> log.stream().anyMatch(line -> line.contains(part)));
    }

    private void reloadUnchanged(String text) throws Exception {
        log.clear();
        write(text + "# read again\n");
        awaitLogged(" - reread new configuration");
        awaitLogged("Changed virtual server");
        TimeUnit.MILLISECONDS.sleep(300);
    }

    private static String http(String virtual, String real) {
        return "virtual=" + virtual + "\n\treal=" + real + "\n\tservice=http\n\treceive=\"fine\"\n";
    }

    @Test
    void trap06AndTrap78NoServerHasWeightBeforeAGoodCheckAtAStartOrReload() throws Exception {
        Server live = serve(OK);
        int dead = deadPort();
        String text = GLOBALS + "quiescent=yes\nvirtual=192.0.2.10:80\n\treal=127.0.0.1:" + live.port()
                + " masq 2\n\treal=127.0.0.2:" + dead + " masq 3\n\tservice=http\n";
        start(text);
        awaitServers("127.0.0.1:" + live.port() + " Masq 2", "127.0.0.2:" + dead + " Masq 0");
        reloadUnchanged(text);
        awaitServers("127.0.0.1:" + live.port() + " Masq 2", "127.0.0.2:" + dead + " Masq 0");
        assertThat(ipvsadm.takeRuns()).isNotEmpty().noneMatch(run -> run.endsWith("-w 3"));
    }

    @Test
    void trap16ABrokenReloadChangesNothingAndChecksGoOn() throws Exception {
        Server live = serve(OK);
        String text = GLOBALS + "quiescent=yes\n" + http("192.0.2.10:80", "127.0.0.1:" + live.port() + " masq 2");
        start(text);
        awaitServers("127.0.0.1:" + live.port() + " Masq 2");
        write("quiescent=maybe\n" + text);
        awaitLogged("at line 1: quiescent must be 'yes' or 'no'");
        live.close();
        awaitServers("127.0.0.1:" + live.port() + " Masq 0");
        write(text + http("192.0.2.11:80", "127.0.0.3:80 masq"));
        awaitLogged("Added virtual server: 192.0.2.11:80");
    }

    @Test
    void trap18AGateServerOnAnotherPortComesUpUnderThePortOfItsService() throws Exception {
        Server live = serve(OK);
        start(GLOBALS + "quiescent=yes\n" + http("192.0.2.10:8080", "127.0.0.1:" + live.port() + " gate 2"));
        awaitServers("127.0.0.1:8080 Route 2");
        live.close();
        awaitServers("127.0.0.1:8080 Route 0");
    }

    @Test
    void trap82AReloadLeavesAGateServerOnAnotherPortAlone() throws Exception {
        Server live = serve(OK);
        String text = GLOBALS + http("192.0.2.10:8080", "127.0.0.1:" + live.port() + " gate 2");
        start(text);
        awaitServers("127.0.0.1:8080 Route 2");
        ipvsadm.takeRuns();
        reloadUnchanged(text);
        assertThat(ipvsadm.takeRuns()).noneMatch(run -> run.contains("-d ") || run.contains("-a "));
        awaitServers("127.0.0.1:8080 Route 2");
    }

    @Test
    void trap25DnsWithoutReceiveIsContentWithAnyAnswer() throws Exception {
        DatagramSocket server = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        servers.add(server);
        Thread.ofVirtual().start(() -> answerNames(server));
        start(GLOBALS + "virtual=192.0.2.10:53\n\treal=127.0.0.1:" + server.getLocalPort()
                + " masq\n\trequest=\"www.example.test\"\n");
        awaitServers("127.0.0.1:" + server.getLocalPort() + " Masq 1");
    }

    /** One address for every name. */
    private static void answerNames(DatagramSocket server) {
        byte[] record = {(byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, (byte) 192, 0, 2, 77};
        try {
            while (true) {
                DatagramPacket query = new DatagramPacket(new byte[512], 512);
                server.receive(query);
                byte[] answer = Arrays.copyOf(query.getData(), query.getLength() + record.length);
                System.arraycopy(record, 0, answer, query.getLength(), record.length);
                answer[2] = (byte) 0x81;
                answer[3] = (byte) 0x80;
                answer[7] = 1;
                server.send(new DatagramPacket(answer, answer.length, query.getSocketAddress()));
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    @Test
    void trap28AGlobalFallbackServesAFirewallMark() throws Exception {
        start(GLOBALS + "fallback=127.0.0.9\nvirtual=5\n\treal=127.0.0.1:" + deadPort()
                + " gate\n\tchecktype=connect\n");
        awaitServers("127.0.0.9:0 Route 1");
    }

    @Test
    void trap29HttpOverIpv6NeedsNothingInstalledAndEndsNoDaemon() throws Exception {
        Server live = serve("::1", OK);
        start(GLOBALS + "virtual6=[2001:db8::10]:80\n\treal6=[::1]:" + live.port()
                + " masq 2\n\tservice=http\n\treceive=\"fine\"\n");
        awaitServers("[::1]:" + live.port() + " Masq 2");
    }

    @Test
    void trap40AChangedPerlScriptIsRunAsItIsNow() throws Exception {
        Path script = directory.resolve("check.pl");
        Files.writeString(script, "exit(0);\n");
        start(GLOBALS + "virtual=192.0.2.10:80\n\treal=127.0.0.1:80 masq\n\tchecktype=external-perl\n\tcheckcommand="
                + script + "\n\tchecktimeout=20\n");
        awaitServers("127.0.0.1:80 Masq 1");
        Files.writeString(script, "exit(1);\n");
        awaitServers();
    }

    @Test
    void trap47PopWithoutALoginIsDownWhereNobodyListens() throws Exception {
        Server live = serve("+OK POP3 ready\r\n+OK\r\n+OK\r\n+OK\r\n");
        start(GLOBALS + "virtual=192.0.2.10:110\n\treal=127.0.0.1:" + live.port() + " masq 2\n\treal=127.0.0.2:"
                + deadPort() + " masq 3\n");
        awaitServers("127.0.0.1:" + live.port() + " Masq 2");
        live.close();
        awaitServers();
    }

    @Test
    void trap65AFlushedTableIsPutBackWithTheNextChange() throws Exception {
        Server stays = serve(OK);
        Server goes = serve(OK);
        start(GLOBALS + "virtual=192.0.2.10:80\n\treal=127.0.0.1:" + stays.port() + " masq 2\n\treal=127.0.0.1:"
                + goes.port() + " masq 3\n\tservice=http\n");
        await("both are up", () -> servers().size() == 2);
        ipvsadm.run(List.of("-C"), "");
        goes.close();
        awaitServers("127.0.0.1:" + stays.port() + " Masq 2");
        awaitLogged("Table changed: ");
    }

    @Test
    void trap80AReloadWithAnExpressionThatIsNoneKeepsWhatWas() throws Exception {
        Server live = serve(OK);
        String text = GLOBALS + http("192.0.2.10:80", "127.0.0.1:" + live.port() + " masq 2");
        start(text);
        awaitServers("127.0.0.1:" + live.port() + " Masq 2");
        write(text.replace("\"fine\"", "\"(fine\""));
        awaitLogged("receive is not a regular expression");
        live.close();
        awaitServers();
    }

    @Test
    void trap81AMissingPerlScriptTakesItsOwnServerDownAndNothingElse() throws Exception {
        Server live = serve(OK);
        start(GLOBALS + "virtual=192.0.2.11:80\n\treal=127.0.0.2:80 masq\n\tchecktype=external-perl\n\tcheckcommand="
                + directory.resolve("missing.pl") + "\n"
                + http("192.0.2.10:80", "127.0.0.1:" + live.port() + " masq 2"));
        awaitServers("127.0.0.1:" + live.port() + " Masq 2");
        TimeUnit.MILLISECONDS.sleep(1500);
        live.close();
        awaitServers();
        assertThat(thread.orElseThrow().isAlive()).isTrue();
    }

    @Test
    void trap10AServerOfTwoServicesStandsInBothFromTheStart() throws Exception {
        int dead = deadPort();
        start(GLOBALS + "quiescent=yes\n" + http("192.0.2.10:80", "127.0.0.1:" + dead + " masq 1")
                + http("192.0.2.11:80", "127.0.0.1:" + dead + " masq 5"));
        awaitServers("127.0.0.1:" + dead + " Masq 0", "127.0.0.1:" + dead + " Masq 0");
    }

    @Test
    void trap42ServersThatAreSwitchedOffAreNoReasonForTheFallback() throws Exception {
        start(GLOBALS + "virtual=192.0.2.10:80\n\treal=127.0.0.2:80 gate\n\tfallback=127.0.0.9:80\n\tchecktype=off\n"
                + "virtual=192.0.2.11:80\n\treal=127.0.0.3:80 gate\n\tfallback=127.0.0.9:80\n\tchecktype=on\n");
        awaitServers("127.0.0.3:80 Route 1");
    }

    /** With the timeout of a minute, the other one leaves the table within seconds. */
    @Test
    void trap96AServerThatNeverAnswersDelaysNoOther() throws Exception {
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        servers.add(silent);
        Server live = serve(OK);
        start("checkinterval=1\nchecktimeout=60\n"
                + http("192.0.2.10:80", "127.0.0.1:" + silent.getLocalPort() + " masq 1")
                + http("192.0.2.11:80", "127.0.0.1:" + live.port() + " masq 2"));
        awaitServers("127.0.0.1:" + live.port() + " Masq 2");
        live.close();
        awaitServers();
    }
}
