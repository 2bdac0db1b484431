package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckTarget;
import org.halvs.check.HealthChecker;
import org.halvs.check.runner.CheckRunner;
import org.halvs.director.kernel.MemoryIpvsadm;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.config.DirectorFile;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.control.Answer;
import org.halvs.ha.event.EventRecord;
import org.halvs.ha.membership.SimNetwork;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ldirectord.daemon.ConfigSource;
import org.halvs.ldirectord.daemon.ConfigWatcher;
import org.halvs.ldirectord.daemon.MemoryDaemonOutput;
import org.halvs.ldirectord.daemon.Surroundings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directors of a node over a kernel's table in memory ({@code plane: kernel}), with servers that are up by decree. */
class DirectorsTest {
    private static final String CONFIG = """
            checkinterval=1
            autoreload=yes
            quiescent=no
            maintenancedir=%1$s/maintenance
            emailalert=admin
            callback="%1$s/callback"
            fallbackcommand=%1$s/fallback
            execute=other.cf
            virtual=192.0.2.10:80
            	real=127.0.0.2:80 gate 2
            	real=127.0.0.3:80 gate 3
            	checktype=connect
            	monitorfile=%1$s/monitor
            virtual=192.0.2.11:80
            	real=127.0.0.4:80 gate 4
            	checktype=connect
            	cleanstop=no
            """;

    @TempDir
    private Path directory;

    private final MemoryIpvsadm ipvsadm = new MemoryIpvsadm();
    private final Set<String> dead = ConcurrentHashMap.newKeySet();
    private final MemoryDaemonOutput output = new MemoryDaemonOutput();
    private final List<String> log = output.lines();
    private final List<String> mails = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final EventSink events = new EventSink("lb1", List.of(), (_, _) -> {});
    private volatile boolean filled;
    private Optional<ControlLoop> loop = Optional.empty();
    private Optional<Directors> directors = Optional.empty();
    private Optional<ServerOrders> orders = Optional.empty();

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
        for (String name : List.of("callback", "fallback", "ldirectord")) {
            Path script = directory.resolve(name);
            Files.writeString(script, "#!/bin/sh\necho \"$@\" >> " + script + ".log\n");
            assertThat(script.toFile().setExecutable(true)).isTrue();
        }
        write(CONFIG.formatted(directory));
        ControlLoop control = part(ControlLoop.start(() -> {}));
        Checks checks = new Checks(control);
        NodePlane plane = part(NodePlane.kernel(ipvsadm, false, report -> {
            if (report.complete() && !report.commands().isEmpty()) {
                filled = true;
            }
            checks.applied(report);
        }));
        Decree decree = new Decree();
        CheckRunner runner = part(new CheckRunner(spec -> decree, checks));
        Surroundings surroundings = new Surroundings(
                mail -> {
                    mails.add(mail.subject());
                    return Optional.empty();
                },
                List.of(directory.resolve("ldirectord").toString()),
                "director1");
        Directors made = part(new Directors(control, events, plane, runner, surroundings, _ -> output));
        checks.reportTo(made);
        ConfigSource source = DirectorFile.source(file(), HalvsYml.DEFAULT);
        part(new ConfigWatcher(
                List.of(source), (_, change) -> control.enqueue(() -> made.read(source.path(), change))));
        control.enqueue(() -> made.read(source.path(), ConfigWatcher.read(source)));
        loop = Optional.of(control);
        directors = Optional.of(made);
        OrderBook book = new OrderBook(
                control,
                events,
                new SimNetwork().membership("lb1"),
                () -> List.of("lb1"),
                order -> made.order(order.server(), order.order()));
        orders = Optional.of(new ServerOrders(control, events, made, book, plane));
        await(() -> ask(() -> made.status().stream()
                        .flatMap(status -> status.services().stream())
                        .flatMap(service -> service.reals().stream())
                        .filter(real -> real.weight() > 0)
                        .count()
                == 3));
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.addFirst(part);
        return part;
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable part : parts) {
            part.close();
        }
    }

    private Path file() {
        return directory.resolve("x.cf");
    }

    private void write(String text) throws IOException {
        Files.writeString(file(), text, StandardCharsets.ISO_8859_1);
    }

    private boolean ask(BooleanSupplier question) {
        return loop.orElseThrow().ask(question::getAsBoolean).join();
    }

    private void control(Runnable task) {
        loop.orElseThrow()
                .ask(() -> {
                    task.run();
                    return true;
                })
                .join();
    }

    private void activate() {
        control(() -> directors.orElseThrow().activate(file().toString()));
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    /** The kernel's servers with their weights, sorted: {@code 127.0.0.2=2 127.0.0.3=3}. */
    private String table() {
        ForwardingTable table = ipvsadm.table();
        return String.join(
                " ",
                table.entries().stream()
                        .flatMap(entry -> entry.servers().stream())
                        .map(DirectorsTest::weighted)
                        .sorted()
                        .toList());
    }

    private static String weighted(RealServer server) {
        return server.address() + "=" + server.weight();
    }

    private boolean hasLines(String file, String... lines) {
        try {
            Path path = directory.resolve(file);
            return Files.exists(path) && Files.readAllLines(path).equals(List.of(lines));
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    void nothingIsHeardOfAConfigurationThatIsNotInService() throws IOException {
        dead.addAll(Set.of("127.0.0.2:80", "127.0.0.3:80"));
        await(() -> ask(() -> directors.orElseThrow().status().getFirst().services().getFirst().reals().stream()
                .noneMatch(real -> real.listed())));
        write(CONFIG.formatted(directory)
                .replace("autoreload=yes", "autoreload=no")
                .replace("gate 4", "gate 9"));
        await(() -> ask(() -> directors
                        .orElseThrow()
                        .status()
                        .getFirst()
                        .services()
                        .getLast()
                        .reals()
                        .getFirst()
                        .weight()
                == 9));

        assertThat(ipvsadm.table().entries()).isEmpty();
        assertThat(log).isEmpty();
        assertThat(mails).isEmpty();
        assertThat(directory.resolve("fallback.log")).doesNotExist();
        assertThat(directory.resolve("callback.log")).doesNotExist();
        assertThat(directory.resolve("monitor")).doesNotExist();
    }

    @Test
    void aConfigurationInServiceCausesAllThatItDoesWhenItRunsAlone() throws IOException {
        activate();
        await(() -> table().equals("127.0.0.2=2 127.0.0.3=3 127.0.0.4=4"));
        assertThat(log)
                .contains(
                        "Added virtual server: 192.0.2.10:80",
                        "Added real server: 127.0.0.2:80 (192.0.2.10:80) (Weight set to 2)",
                        "emailalert: Added real server: 127.0.0.2:80 (192.0.2.10:80) (Weight set to 2)");
        await(() -> mails.contains("Added real server: 127.0.0.3:80 (192.0.2.10:80) (Weight set to 3)"));
        await(() -> hasLines("ldirectord.log", "other.cf start"));

        dead.addAll(Set.of("127.0.0.2:80", "127.0.0.3:80"));
        await(() -> table().equals("127.0.0.4=4"));
        await(() -> hasLines("fallback.log", "start 192.0.2.10:80 tcp"));
        dead.clear();
        await(() -> table().equals("127.0.0.2=2 127.0.0.3=3 127.0.0.4=4"));
        await(() -> hasLines("fallback.log", "start 192.0.2.10:80 tcp", "stop 192.0.2.10:80 tcp"));

        Files.createFile(directory.resolve("maintenance/127.0.0.3:80"));
        await(() -> table().equals("127.0.0.2=2 127.0.0.4=4"));
        Files.delete(directory.resolve("maintenance/127.0.0.3:80"));
        await(() -> table().equals("127.0.0.2=2 127.0.0.3=3 127.0.0.4=4"));

        write(CONFIG.formatted(directory).replace("gate 3", "gate 7"));
        await(() -> table().equals("127.0.0.2=2 127.0.0.3=7 127.0.0.4=4"));
        await(() -> hasLines("callback.log", file().toString()));
        assertThat(log)
                .contains("Configuration file '" + file() + "' has changed on disk", " - reread new configuration");
        await(() -> Files.exists(directory.resolve("monitor")));

        control(() -> directors.orElseThrow().deactivate(file().toString()));
        await(() -> table().equals("127.0.0.4=4")); // cleanstop=no
        assertThat(log).contains("Purged virtual server (stop): 192.0.2.10:80");
        await(() -> hasLines("ldirectord.log", "other.cf start", "other.cf stop"));
        List<String> before = List.copyOf(log);
        dead.add("127.0.0.2:80");
        await(() -> ask(() -> directors
                        .orElseThrow()
                        .status()
                        .getFirst()
                        .services()
                        .getFirst()
                        .reals()
                        .getFirst()
                        .health()
                == org.halvs.director.DirectorStatus.Health.DOWN));
        assertThat(log).isEqualTo(before);
    }

    /** A takeover while nobody answers: the command that pages somebody runs where the service is now. */
    @Test
    void aServiceThatBeginsWithoutServersCallsTheFallbackCommand() {
        dead.addAll(Set.of("127.0.0.2:80", "127.0.0.3:80"));
        await(() -> ask(() -> directors.orElseThrow().status().getFirst().services().getFirst().reals().stream()
                .noneMatch(real -> real.listed())));
        activate();
        await(() -> hasLines("fallback.log", "start 192.0.2.10:80 tcp"));
        control(() -> directors.orElseThrow().deactivate(file().toString()));
        await(() -> hasLines("fallback.log", "start 192.0.2.10:80 tcp", "stop 192.0.2.10:80 tcp"));
    }

    /** Removed by hand stays removed while readdquiescent=no; whatever else others change is repaired and told. */
    @Test
    void changesOfTheKernelsTableAreRepairedButForRemovals() {
        activate();
        // The table is listed once more after a restore: a removal before that passes for a line that did not take.
        await(() -> filled);
        assertThat(table()).isEqualTo("127.0.0.2=2 127.0.0.3=3 127.0.0.4=4");
        ipvsadm.run(List.of("-d", "-t", "192.0.2.10:80", "-r", "127.0.0.3:80"), "");
        ipvsadm.run(List.of("-e", "-t", "192.0.2.11:80", "-r", "127.0.0.4:80", "-g", "-w", "50"), "");
        dead.add("127.0.0.2:80");
        await(() -> table().equals("127.0.0.4=4"));
        dead.clear();
        await(() -> table().equals("127.0.0.2=2 127.0.0.4=4"));
        await(() -> ask(() -> events.history().latest(500, Optional.empty()).stream()
                .map(EventRecord::text)
                .anyMatch(text -> text.contains("had its weight changed from 4 to 50 by somebody else"))));
        assertThat(log).contains("Removed by hand, left out: 127.0.0.3:80 (192.0.2.10:80)");
    }

    @Test
    void anOperatorDrainsAndWeighsServersAndTakesItBack() {
        activate();
        await(() -> table().equals("127.0.0.2=2 127.0.0.3=3 127.0.0.4=4"));
        ServerOrders given = orders.orElseThrow();

        Answer drained = given.drain(List.of("127.0.0.2"));
        assertThat(table()).isEqualTo("127.0.0.2=0 127.0.0.3=3 127.0.0.4=4");
        assertThat(drained).isEqualTo(Answer.ok("192.0.2.10:80: 127.0.0.2:80 has weight 0 (configured 2)\n"));

        Answer last = given.drain(List.of("127.0.0.3:80"));
        assertThat(last.exit()).isEqualTo(1);
        assertThat(last.error())
                .isEqualTo(
                        "halvs: refused, nothing was changed: 192.0.2.10:80 would have no real server left that takes"
                                + " connections; say --force if that is meant\n");
        assertThat(table()).isEqualTo("127.0.0.2=0 127.0.0.3=3 127.0.0.4=4");
        assertThat(given.drain(List.of("--force", "127.0.0.3:80")).exit()).isZero();
        assertThat(table()).isEqualTo("127.0.0.2=0 127.0.0.3=0 127.0.0.4=4");

        assertThat(given.weight(List.of("127.0.0.3:80", "40")).output())
                .isEqualTo("192.0.2.10:80: 127.0.0.3:80 has weight 40 (configured 3)\n");
        assertThat(given.weight(List.of("127.0.0.2", "default")).exit()).isZero();
        assertThat(table()).isEqualTo("127.0.0.2=2 127.0.0.3=40 127.0.0.4=4");

        assertThat(given.drain(List.of("127.0.0.99")).error())
                .isEqualTo("halvs: no service has a real server 127.0.0.99; there are 127.0.0.2:80, 127.0.0.3:80,"
                        + " 127.0.0.4:80\n");
        assertThat(given.drain(List.of("127.0.0.2:8080")).exit()).isEqualTo(1);
        assertThat(given.drain(List.of("nonsense")).exit()).isEqualTo(2);
        assertThat(given.weight(List.of("127.0.0.2", "70000")).exit()).isEqualTo(2);
        assertThat(given.drain(List.of()).exit()).isEqualTo(2);
    }

    /** As ipvsadm in a daemon that forwards by itself: a removal counts, anything else is the configuration's business. */
    @Test
    void aServerRemovedWithOurIpvsadmStaysOut() throws IOException {
        activate();
        await(() -> table().equals("127.0.0.2=2 127.0.0.3=3 127.0.0.4=4"));
        IpvsadmCommand command = new IpvsadmCommand(
                new org.halvs.director.kernel.KernelPlane(ipvsadm),
                change -> loop.orElseThrow()
                        .ask(() -> directors.orElseThrow().editByHand(change))
                        .join());
        assertThat(command.run(List.of("-d", "-t", "192.0.2.10:80", "-r", "127.0.0.3:80"), "", _ -> {})
                        .exit())
                .isZero();
        await(() -> table().equals("127.0.0.2=2 127.0.0.4=4"));
        assertThat(log).contains("Removed by hand, left out: 127.0.0.3:80 (192.0.2.10:80)");
        assertThat(command.run(List.of("-e", "-t", "192.0.2.10:80", "-r", "127.0.0.2:80", "-g", "-w", "9"), "", _ -> {})
                        .error())
                .contains("is kept as its ldirectord configuration says");
        assertThat(table()).isEqualTo("127.0.0.2=2 127.0.0.4=4");
        dead.add("127.0.0.3:80");
        await(() -> ask(() -> directors
                        .orElseThrow()
                        .status()
                        .getFirst()
                        .services()
                        .getFirst()
                        .reals()
                        .getLast()
                        .health()
                == org.halvs.director.DirectorStatus.Health.DOWN));
        dead.clear();
        await(() -> table().equals("127.0.0.2=2 127.0.0.3=3 127.0.0.4=4"));
    }
}
