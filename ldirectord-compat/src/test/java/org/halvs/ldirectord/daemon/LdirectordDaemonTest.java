package org.halvs.ldirectord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckTarget;
import org.halvs.check.HealthChecker;
import org.halvs.director.PlanText;
import org.halvs.director.kernel.MemoryIpvsadm;
import org.halvs.ldirectord.FixedNameService;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LinuxConfigFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon, in this process, over a table in memory and servers that are up by decree. */
class LdirectordDaemonTest {
    private static final String CONFIG = """
            checkinterval=1
            autoreload=yes
            quiescent=no
            maintenancedir=%1$s/maintenance
            emailalert=admin
            callback="%1$s/callback"
            fallbackcommand=%1$s/fallback
            virtual=192.0.2.10:80
            	real=127.0.0.2:80 gate 2
            	real=127.0.0.3:80 gate 3
            	fallback=127.0.0.9:80 gate
            	checktype=connect
            	monitorfile=%1$s/monitor
            """;

    @TempDir
    private Path directory;

    private final MemoryIpvsadm ipvsadm = new MemoryIpvsadm();
    private final Set<String> dead = ConcurrentHashMap.newKeySet();
    private final MemoryDaemonOutput output = new MemoryDaemonOutput();
    private final List<String> log = output.lines();
    private final List<String> mails = new CopyOnWriteArrayList<>();
    private Optional<Thread> thread = Optional.empty();
    private Optional<LdirectordDaemon> daemon = Optional.empty();

    private final class Decree implements HealthChecker {
        @Override
        public CheckResult check(CheckTarget target, Duration timeout) {
            return dead.contains(target.toString())
                    ? new CheckResult.Failed(CheckResult.Reason.REFUSED, "connection refused")
                    : new CheckResult.Passed("connected");
        }
    }

    @BeforeEach
    void start() throws IOException {
        Files.createDirectory(directory.resolve("maintenance"));
        script("callback");
        script("fallback");
        write(CONFIG.formatted(directory));
        ConfigSource source = new ConfigSource(
                directory.resolve("x.cf"),
                new LdirectordReader(new FixedNameService("", "", "director1"), new LinuxConfigFiles()));
        Decree decree = new Decree();
        DaemonSettings settings = new DaemonSettings(
                source,
                spec -> decree,
                listener -> new KernelDaemonPlane(ipvsadm, false, listener),
                new Surroundings(
                        mail -> {
                            mails.add(mail.subject());
                            return Optional.empty();
                        },
                        List.of("/bin/true"),
                        "director1"));
        LdirectordDaemon started =
                new LdirectordDaemon(settings, source.read().result().value().orElseThrow(), output);
        daemon = Optional.of(started);
        thread = Optional.of(Thread.ofPlatform().name("daemon").start(started::run));
    }

    @AfterEach
    void end() throws InterruptedException {
        daemon.orElseThrow().stop("TERM");
        thread.orElseThrow().join(20_000);
    }

    private void script(String name) throws IOException {
        Path script = directory.resolve(name);
        Files.writeString(script, "#!/bin/sh\necho \"$@\" >> " + directory + "/" + name + ".log\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    private void write(String text) throws IOException {
        Files.writeString(directory.resolve("x.cf"), text, StandardCharsets.ISO_8859_1);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private boolean lists(String... lines) {
        List<String> listed = PlanText.listing(ipvsadm.table());
        return listed.size() == lines.length + 1 && listed.containsAll(List.of(lines));
    }

    @Test
    void servesAConfigurationFromStartToStop() throws Exception {
        String both2 = "  -> 127.0.0.2:80 Route 2";
        String both3 = "  -> 127.0.0.3:80 Route 3";
        await(() -> lists(both2, both3));

        dead.add("127.0.0.2:80");
        await(() -> lists(both3));
        dead.add("127.0.0.3:80");
        await(() -> lists("  -> 127.0.0.9:80 Route 1"));
        await(() -> Files.exists(directory.resolve("fallback.log")));
        dead.clear();
        await(() -> lists(both2, both3));

        Files.createFile(directory.resolve("maintenance/127.0.0.3:80"));
        await(() -> lists(both2));
        Files.delete(directory.resolve("maintenance/127.0.0.3:80"));
        await(() -> lists(both2, both3));

        write(CONFIG.formatted(directory).replace("gate 2", "gate 7"));
        await(() -> lists("  -> 127.0.0.2:80 Route 7", both3));
        await(() -> Files.exists(directory.resolve("callback.log")));
        write("nonsense=1\n");
        await(() -> log.stream().anyMatch(line -> line.startsWith("Error [") && line.contains("at line 1")));
        dead.add("127.0.0.2:80");
        await(() -> lists(both3));

        daemon.orElseThrow().stop("TERM");
        thread.orElseThrow().join(20_000);
        assertThat(ipvsadm.table().entries()).isEmpty();
        assertThat(log.getLast()).isEqualTo("Linux Director Daemon terminated on signal: TERM");
        assertThat(log)
                .contains(
                        "Deleted real server: 127.0.0.2:80 (192.0.2.10:80)",
                        "Added fallback server: 127.0.0.9:80 (192.0.2.10:80) (Weight set to 1)",
                        "Configuration file '" + directory.resolve("x.cf") + "' has changed on disk",
                        " - reread new configuration",
                        "emailalert: Deleted real server: 127.0.0.2:80 (192.0.2.10:80)");
        assertThat(mails).contains("Deleted real server: 127.0.0.2:80 (192.0.2.10:80)");
        assertThat(Files.readAllLines(directory.resolve("fallback.log")))
                .containsExactly("start 192.0.2.10:80 tcp", "stop 192.0.2.10:80 tcp");
        assertThat(Files.readString(directory.resolve("monitor"))).contains("[up] connected");
    }

    /** With readdquiescent=no a server somebody removed stays out, and an outsider's own server goes. */
    @Test
    void respectsARemovalAndRepairsTheRest() throws Exception {
        String both2 = "  -> 127.0.0.2:80 Route 2";
        String both3 = "  -> 127.0.0.3:80 Route 3";
        await(() -> lists(both2, both3));
        ipvsadm.run(List.of("-d", "-t", "192.0.2.10:80", "-r", "127.0.0.3:80"), "");
        ipvsadm.run(List.of("-a", "-t", "192.0.2.10:80", "-r", "127.0.0.66:80", "-g", "-w", "1"), "");

        dead.add("127.0.0.2:80");
        await(() -> lists("  -> 127.0.0.9:80 Route 1"));
        assertThat(log)
                .contains(
                        "Table changed: server 127.0.0.3:80 (192.0.2.10:80) was removed by somebody else",
                        "Table changed: server 127.0.0.66:80 (192.0.2.10:80) was added by somebody else, with weight 1",
                        "Removed by hand, left out: 127.0.0.3:80 (192.0.2.10:80)");
        dead.clear();
        await(() -> lists(both2));

        write(CONFIG.formatted(directory) + "# a reload asks for all of them again\n");
        await(() -> lists(both2, both3));
    }
}
