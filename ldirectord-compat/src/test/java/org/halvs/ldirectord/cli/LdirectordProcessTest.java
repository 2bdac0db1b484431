package org.halvs.ldirectord.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as its users run it: real processes, real signals, pid files and log, and a script in the place of ipvsadm. */
class LdirectordProcessTest {
    private static final String SERVICE = "192.0.2.10:80";

    @TempDir
    private Path directory;

    private final ServerSocket server = listen();
    private final List<Process> started = new ArrayList<>();

    private static ServerSocket listen() {
        try {
            ServerSocket socket = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            Thread.ofVirtual().start(() -> welcome(socket));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connections nobody takes would fill the queue in less than a minute. */
    private static void welcome(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                socket.accept().close();
            } catch (IOException e) {
                // that client has gone, or the test is over
            }
        }
    }

    @BeforeEach
    void install() throws IOException {
        try (InputStream script =
                Objects.requireNonNull(LdirectordProcessTest.class.getResourceAsStream("ipvsadm.sh"))) {
            Files.copy(script, directory.resolve("ipvsadm"));
        }
        assertThat(directory.resolve("ipvsadm").toFile().setExecutable(true)).isTrue();
        Files.createDirectory(directory.resolve("here"));
        write("other.cf", "", "192.0.2.20:80", 1);
        write("x.cf", "execute=other.cf\nfork=yes\n", SERVICE, 2);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        started.forEach(Process::destroyForcibly);
        for (String name : List.of("x.cf", "y.cf", "other.cf")) {
            if (Files.exists(pidFile(name))) {
                ProcessHandle.of(Long.parseLong(Files.readString(pidFile(name)).strip()))
                        .ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    private void write(String name, String globals, String service, int weight) throws IOException {
        Files.writeString(
                directory.resolve(name),
                "checkinterval=1\nlogfile=\"" + directory.resolve(name + ".log") + "\"\n" + globals + "virtual="
                        + service + "\n\treal=127.0.0.1:" + server.getLocalPort() + " masq " + weight
                        + "\n\tchecktype=connect\n");
    }

    /** With HUP ignored, as under {@code nohup}: it means a reload all the same. */
    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "trap '' HUP; exec \"$@\"",
                "sh",
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LdirectordMain.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.resolve("here").toFile())
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile());
        builder.environment().put("HALVS_ETC", directory.toString());
        builder.environment().put("HALVS_PID_DIR", directory.toString());
        builder.environment().put("HALVS_IPVSADM", directory.resolve("ipvsadm").toString());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private int run(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Path pidFile(String name) {
        return directory.resolve("ldirectord." + name + ".pid");
    }

    private String text(String file) {
        try {
            Path path = directory.resolve(file);
            return Files.exists(path) ? Files.readString(path, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(condition.getAsBoolean())
                .as("%s; log:%n%s; table:%n%s", what, text("x.cf.log"), text("servers"))
                .isTrue();
    }

    private BooleanSupplier lists(String service, int weight) {
        return () ->
                text("servers").contains(service + " 127.0.0.1:" + server.getLocalPort() + " Masq " + weight + "\n");
    }

    @Test
    void startsReloadsRestartsAndStops() throws Exception {
        assertThat(run("x.cf", "start")).isZero();
        String first = text("ldirectord.x.cf.pid");
        assertThat(first).matches("[0-9]+\n");
        assertThat(run("x.cf", "start")).as("runs already").isZero();
        assertThat(text("ldirectord.x.cf.pid")).isEqualTo(first);
        await("up", lists(SERVICE, 2));
        await("the other configuration is served too", lists("192.0.2.20:80", 1));
        assertThat(text("x.cf.log")).contains("|x.cf|" + first.strip() + "] fork=yes: ");

        write("x.cf", "execute=other.cf\n", SERVICE, 5);
        assertThat(run("x.cf", "reload")).isZero();
        await("reloaded by HUP", lists(SERVICE, 5));
        Files.writeString(directory.resolve("x.cf"), "nonsense\n");
        assertThat(run("x.cf", "reload")).isZero();
        await("the complaint", () -> text("x.cf.log").contains("Error ["));
        assertThat(lists(SERVICE, 5).getAsBoolean()).isTrue();
        assertThat(run("x.cf", "restart")).isEqualTo(2);
        assertThat(run("x.cf", "status")).isZero();

        write("x.cf", "execute=other.cf\n", SERVICE, 6);
        assertThat(run("x.cf", "restart")).isZero();
        assertThat(text("ldirectord.x.cf.pid")).isNotEqualTo(first);
        await("restarted", lists(SERVICE, 6));
        await("and the other one", lists("192.0.2.20:80", 1));

        assertThat(run("x.cf", "stop")).isZero();
        assertThat(pidFile("x.cf")).doesNotExist();
        assertThat(pidFile("other.cf")).doesNotExist();
        assertThat(text("services")).isEmpty();
        assertThat(text("x.cf.log")).contains("Linux Director Daemon terminated on signal: TERM");
        assertThat(run("x.cf", "status")).isEqualTo(3);
    }

    /** The daemon's directory is the root, where it does not find what the command found. */
    @Test
    void trap83AFileNamedByARelativePathIsReadAgain() throws Exception {
        write("here/y.cf", "", SERVICE, 2);
        assertThat(run("y.cf", "start")).isZero();
        await("up", lists(SERVICE, 2));
        write("here/y.cf", "", SERVICE, 5);
        assertThat(run("y.cf", "reload")).isZero();
        await("reloaded", lists(SERVICE, 5));
        assertThat(run("y.cf", "stop")).isZero();
        assertThat(text("services")).isEmpty();
    }

    @Test
    void supervisedItStaysAndEndsWithTheFirstOfTwoSignals() throws Exception {
        write("x.cf", "supervised=yes\n", SERVICE, 2);
        Process daemon = start("x.cf", "start");
        await("up", lists(SERVICE, 2));
        assertThat(pidFile("x.cf")).doesNotExist();
        daemon.destroy();
        daemon.destroy();
        assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isZero();
        assertThat(text("services")).isEmpty();
        assertThat(text("out").lines())
                .allMatch(line -> line.matches("\\[\\w{3} \\w{3} [ \\d]\\d [\\d:]{8} \\d{4}] .*"))
                .anyMatch(line -> line.endsWith("] Starting Linux Director v1.186-ha with pid: " + daemon.pid()));
        assertThat(text("err")).isEmpty();
    }

    /** Many changes are one process. */
    @Test
    void aStartIsOneRestore() throws Exception {
        StringBuilder config = new StringBuilder("supervised=yes\n");
        for (int i = 1; i <= 20; i++) {
            config.append("virtual=192.0.2.").append(i).append(":80\n\tquiescent=yes\n\tservice=http\n");
            config.append("\treal=127.0.0.1:1 masq\n\treal=127.0.0.2:1 masq\n");
        }
        Files.writeString(directory.resolve("x.cf"), config);
        Process daemon = start("x.cf", "start");
        await("all are there", () -> text("servers").lines().count() == 40);
        daemon.destroy();
        assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(text("services")).isEmpty();
        assertThat(text("commands").lines().filter("restore"::equals)).hasSize(2);
        assertThat(text("commands").lines()).first().isEqualTo("restore");
    }
}
