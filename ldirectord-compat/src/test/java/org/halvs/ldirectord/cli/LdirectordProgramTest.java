package org.halvs.ldirectord.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ldirectord.FixedNameService;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LinuxConfigFiles;
import org.halvs.ldirectord.daemon.LogSink;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LdirectordProgramTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2025, 11, 2, 17, 3, 0);
    private static final long DAEMON = 4711;

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> done = new ArrayList<>();
    private boolean daemonRuns;
    private boolean daemonStays;
    private boolean waiting = true;
    private Path config = Path.of("unset");
    private Path log = Path.of("unset");

    @BeforeEach
    void writeConfig() throws IOException {
        config = directory.resolve("x.cf");
        log = directory.resolve("x.log");
        write("virtual=192.0.2.10:80\n\treal=127.0.0.2:80 gate\n");
    }

    private void write(String text) throws IOException {
        Files.writeString(config, "logfile=\"" + log + "\"\n" + text);
    }

    private void daemonIsRunning() throws IOException {
        daemonRuns = true;
        Files.writeString(directory.resolve("ldirectord.x.cf.pid"), DAEMON + "\n");
    }

    private int run(String... arguments) {
        Processes processes = new Processes() {
            @Override
            public boolean isDirector(long pid) {
                return daemonRuns && pid == DAEMON;
            }

            @Override
            public void terminate(long pid) {
                done.add("TERM " + pid);
            }

            @Override
            public void hangUp(long pid) {
                done.add("HUP " + pid);
            }

            @Override
            public boolean awaitEnd(long pid, Duration patience) {
                done.add("await");
                daemonRuns = daemonStays;
                return !daemonStays;
            }
        };
        DaemonLauncher launcher = new DaemonLauncher() {
            @Override
            public Optional<Path> detachedFor() {
                return Optional.empty();
            }

            @Override
            public int serve(Path path, LdirectordPlan plan, LogSink sink) {
                done.add("serve " + plan.services().virtuals().size());
                return 0;
            }

            @Override
            public int detach(Path path, Path pidFile) {
                done.add("detach " + pidFile.getFileName());
                return 0;
            }

            @Override
            public void runOther(String name, Verb verb) {
                done.add(name + " " + verb.word());
            }
        };
        LdirectordReader reader =
                new LdirectordReader(new FixedNameService("", "", "director1"), new LinuxConfigFiles());
        LdirectordProgram.Surroundings surroundings = new LdirectordProgram.Surroundings(
                directory,
                directory,
                "ldirectord " + String.join(" ", arguments),
                false,
                waiting,
                new PrintStream(out, true, StandardCharsets.ISO_8859_1),
                new PrintStream(err, true, StandardCharsets.ISO_8859_1),
                () -> NOW);
        return new LdirectordProgram(surroundings, reader, processes, launcher).run(List.of(arguments));
    }

    private List<String> logged() throws IOException {
        String start =
                "[Sun Nov  2 17:03:00 2025|x.cf|" + ProcessHandle.current().pid() + "] ";
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            assertThat(line).startsWith(start);
            lines.add(line.substring(start.length()));
        }
        return lines;
    }

    @ParameterizedTest
    @CsvSource({"status,3", "stop,0", "reload,1", "force-reload,1", "try-restart,0", "start,0", "restart,0"})
    void verbsWhereNothingRuns(String verb, int status) {
        assertThat(run("x.cf", verb)).isEqualTo(status);
        boolean starts = verb.equals("start") || verb.equals("restart");
        assertThat(done).isEqualTo(starts ? List.of("detach ldirectord.x.cf.pid") : List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "status,",
        "start,",
        "stop,TERM 4711;await",
        "reload,HUP 4711",
        "force-reload,HUP 4711",
        "restart,TERM 4711;await;detach ldirectord.x.cf.pid",
        "try-restart,TERM 4711;await;detach ldirectord.x.cf.pid"
    })
    void verbsWhereADaemonRuns(String verb, String expected) throws IOException {
        daemonIsRunning();
        assertThat(run("x.cf", verb)).isZero();
        assertThat(String.join(";", done)).isEqualTo(expected == null ? "" : expected);
    }

    @Test
    void statusHasTheOldWords() throws IOException {
        assertThat(run("x.cf", "status")).isEqualTo(3);
        assertThat(out).hasToString("ldirectord is stopped for " + config + "\n");
        assertThat(logged())
                .containsExactly(
                        "Invoking ldirectord invoked as: ldirectord x.cf status ",
                        "Exiting with exit_status 3: Exiting from ldirectord status");

        daemonIsRunning();
        assertThat(run("x.cf", "status")).isZero();
        assertThat(err).hasToString("ldirectord for " + config + " is running with pid: 4711\n");

        daemonRuns = false;
        assertThat(run("x.cf", "status")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.ISO_8859_1))
                .endsWith("ldirectord stale pid file " + directory.resolve("ldirectord.x.cf.pid") + " for " + config
                        + "\n");
    }

    @Test
    void aBrokenFileEndsAStartInTheOldWords() throws IOException {
        write("virtual=192.0.2.10:80\n\treal=127.0.0.2:80 nat\n\n\nshceduler=rr\n");
        assertThat(run("x.cf", "start")).isEqualTo(2);
        String pid = Long.toString(ProcessHandle.current().pid());
        assertThat(err)
                .hasToString("Error [" + pid + "] reading file " + config
                        + " at line 3: forward method must be gate, masq or ipip\n");
        assertThat(logged())
                .hasSize(3)
                .last()
                .isEqualTo("Exiting with exit_status 2: config_error: Configuration Error");
        assertThat(done).isEmpty();
    }

    @Test
    void aDaemonThatDoesNotGoIsAFailure() throws IOException {
        daemonIsRunning();
        daemonStays = true;
        assertThat(run("x.cf", "stop")).isEqualTo(1);
        assertThat(run("x.cf", "restart")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.ISO_8859_1))
                .startsWith("ldirectord for " + config + " with pid 4711 has not ended within 120 s\n");
        assertThat(done).containsExactly("TERM 4711", "await", "TERM 4711", "await");
    }

    /** {@code compatibility: stop_returns_at_once}; a restart waits all the same. */
    @Test
    void stopReturnsAtOnceWhereASiteWantsThat() throws IOException {
        waiting = false;
        daemonStays = true;
        daemonIsRunning();
        assertThat(run("x.cf", "stop")).isZero();
        assertThat(done).containsExactly("TERM 4711");

        assertThat(run("x.cf", "restart")).isEqualTo(1);
        assertThat(done).containsExactly("TERM 4711", "TERM 4711", "await");
    }

    /** Recording 69: there the pid file of the running daemon was deleted, so that nothing could stop it any more. */
    @Test
    void trap69ABrokenFileHindersNobodyFromStopping() throws IOException {
        daemonIsRunning();
        write("bogus=1\n");
        assertThat(run("x.cf", "restart")).isEqualTo(2);
        assertThat(run("x.cf", "stop")).isZero();
        assertThat(done).containsExactly("TERM 4711", "await");
    }

    @Test
    void trap68BothNamesOfTheDefaultConfigurationAreOneDaemon() throws IOException {
        Files.copy(config, directory.resolve("ldirectord.cf"));
        daemonRuns = true;
        Files.writeString(directory.resolve("ldirectord.ldirectord.pid"), DAEMON + "\n");
        assertThat(run("ldirectord.cf", "start")).isZero();
        assertThat(run("start")).isZero();
        assertThat(done).isEmpty();
    }

    @Test
    void debuggingAndSupervisionStayInTheForeground() throws IOException {
        assertThat(run("-d", "x.cf", "start")).isZero();
        assertThat(err.toString(StandardCharsets.ISO_8859_1))
                .contains("\nStarting Linux Director v1.186-ha with pid: ");
        write("supervised=yes\nvirtual=192.0.2.10:80\n\treal=127.0.0.2:80 gate\n");
        assertThat(run("x.cf", "start")).isZero();
        assertThat(out.toString(StandardCharsets.ISO_8859_1))
                .contains("[Sun Nov  2 17:03:00 2025] Starting Linux Director v1.186-ha with pid: ");
        assertThat(done).containsExactly("serve 1", "serve 1");
    }

    @Test
    void nonsenseGetsTheUsage() {
        assertThat(run("x.cf", "bogus")).isEqualTo(255);
        assertThat(run()).isEqualTo(255);
        assertThat(run("--bogus")).isEqualTo(255);
        assertThat(err).hasToString("Unknown option: bogus\n");
        assertThat(out.toString(StandardCharsets.ISO_8859_1)).startsWith("Usage:\n    ldirectord [-d|--debug]");
        assertThat(run("/nonexistent.cf", "-v")).isEqualTo(255);
        assertThat(run("--ver")).isZero();
    }
}
