package org.halvs.resource.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts found in directories and run for real. */
class ScriptAgentTest {
    @TempDir
    private Path directory;

    private ScriptLookup lookup;

    @BeforeEach
    void directories() throws IOException {
        lookup = new ScriptLookup(
                directory.resolve("resource.d"), directory.resolve("init.d"), directory.resolve("ocf"));
        Files.createDirectories(lookup.resourceDirectory());
        Files.createDirectories(lookup.initDirectory());
        Files.createDirectories(lookup.ocfRoot().resolve("resource.d/heartbeat"));
        Files.createDirectories(directory.resolve("run"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private ScriptAgent agent(String name, String... arguments) {
        return agent(ScriptLimits.DEFAULT, name, arguments);
    }

    private ScriptAgent agent(ScriptLimits limits, String name, String... arguments) {
        var found = (ScriptLookup.Result.Found) lookup.find(new ResourceSpec(name, List.of(arguments), name));
        return new ScriptAgent(
                found.script(),
                new ScriptRunner(directory.resolve("run")),
                ScriptEnvironment.of(directory, "alice"),
                limits);
    }

    private void assertNothingIsLeftBehind() throws IOException {
        try (var files = Files.list(directory.resolve("run"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void argumentsComeBeforeTheVerbAndNoShellReadsThem() throws IOException {
        write(lookup.resourceDirectory().resolve("show"), "for a in \"$@\"; do echo \"<$a>\"; done; exit 4\n");
        assertThat(agent("show", "a b", "$(id)", "'\"`;*").start())
                .isEqualTo(new ActionResult.Failed(4, "<a b>\n<$(id)>\n<'\"`;*>\n<start>"));
        assertNothingIsLeftBehind();
    }

    @Test
    void startsStopsAndAnswersStatus() throws IOException {
        Path state = directory.resolve("state");
        write(lookup.initDirectory().resolve("service"), """
                case "$1" in
                start) touch %1$s;;
                stop) rm -f %1$s;;
                status) test -e %1$s && echo running || echo not running;;
                esac
                """.formatted(state));
        ScriptAgent agent = agent("service");
        assertThat(agent.status()).isEqualTo(new ActionResult.NotRunning());
        assertThat(agent.start()).isEqualTo(ActionResult.done());
        assertThat(agent.status()).isEqualTo(ActionResult.done());
        assertThat(agent.stop()).isEqualTo(ActionResult.done());
        assertThat(agent.status()).isEqualTo(new ActionResult.NotRunning());
    }

    @Test
    void theEnvironmentIsHeartbeatsAndNothingElse() throws IOException {
        write(lookup.resourceDirectory().resolve("env"), "env; cat; exit 1\n");
        assertThat(agent("env").start())
                .isInstanceOfSatisfying(
                        ActionResult.Failed.class,
                        failed -> assertThat(failed.output().lines().map(line -> line.substring(0, line.indexOf('='))))
                                .contains("HA_CURHOST", "HA_DIR", "HA_RCDIR", "PATH", "LC_ALL")
                                .doesNotContain("JAVA_HOME", "USER"));
    }

    @Test
    void anOcfAgentGetsItsParameters() throws IOException {
        write(
                lookup.ocfRoot().resolve("resource.d/heartbeat/Thing"),
                "test \"$1\" = monitor && exit 7; echo $OCF_RESKEY_size $1 $OCF_ROOT; exit 6\n");
        ScriptAgent agent = agent("Thing", "size=9");
        assertThat(agent.script().kind()).isEqualTo(ScriptKind.OCF);
        assertThat(agent.status()).isEqualTo(new ActionResult.NotRunning());
        assertThat(agent.start()).isEqualTo(new ActionResult.Failed(6, "9 start " + directory.resolve("ocf")));
        assertThat(agent("Thing", "nine").start()).isInstanceOf(ActionResult.Failed.class);
    }

    @Test
    void aScriptThatHangsIsKilledWithAllItStarted() throws IOException {
        Path pids = directory.resolve("pids");
        write(lookup.resourceDirectory().resolve("hang"), """
                trap '' TERM
                sleep 600 & echo $! >> %1$s
                setsid sleep 600 & echo $! >> %1$s
                sh -c 'trap "" TERM; echo $$ >> %1$s; while true; do sleep 1; done'
                """.formatted(pids));
        Duration limit = Duration.ofMillis(400);
        long start = System.nanoTime();
        assertThat(agent(new ScriptLimits(limit, limit, limit), "hang").start())
                .isEqualTo(new ActionResult.TimedOut(limit, ""));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(limit, limit.plusMillis(2000));
        List<String> children = Files.readAllLines(pids);
        assertThat(children).hasSize(3);
        for (String pid : children) {
            await(() -> ProcessHandle.of(Long.parseLong(pid))
                    .filter(ProcessHandle::isAlive)
                    .isEmpty());
        }
        assertNothingIsLeftBehind();
    }

    @Test
    void aServerThatKeepsTheOutputOpenNeitherHoldsTheCallNorDies() throws IOException {
        Path pid = directory.resolve("pid");
        write(
                lookup.initDirectory().resolve("server"),
                "sh -c 'while true; do echo alive; sleep 0.05; done' & echo $! > " + pid + "\n");
        assertThat(agent(
                                new ScriptLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5)),
                                "server")
                        .start())
                .isEqualTo(ActionResult.done());
        ProcessHandle server =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
        try {
            Thread.sleep(300);
            assertThat(server.isAlive()).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void muchOutputIsCutToItsEnd() throws IOException {
        write(lookup.resourceDirectory().resolve("chatty"), "seq 1 300000; echo the end; exit 1\n");
        assertThat(agent("chatty").start())
                .isInstanceOfSatisfying(
                        ActionResult.Failed.class,
                        failed -> assertThat(failed.output())
                                .hasSizeLessThan(2100)
                                .endsWith("299999\n300000\nthe end"));
    }

    @Test
    void manyRunAtOnceOnVirtualThreads() throws Exception {
        write(lookup.resourceDirectory().resolve("slow"), "sleep 0.2\n");
        long start = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<ActionResult>> calls =
                    Collections.nCopies(20, () -> agent("slow").start());
            for (Future<ActionResult> result : threads.invokeAll(calls)) {
                assertThat(result.get()).isEqualTo(ActionResult.done());
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void theFirstDirectoryWinsAndTheMessageSaysWhatIsWrong() throws IOException {
        write(lookup.resourceDirectory().resolve("both"), "exit 0\n");
        write(lookup.initDirectory().resolve("both"), "exit 0\n");
        assertThat(agent("both").script().kind()).isEqualTo(ScriptKind.HEARTBEAT);
        Files.writeString(lookup.initDirectory().resolve("plain"), "#!/bin/sh\n");
        assertThat(lookup.find(new ResourceSpec("plain", List.of(), "plain")))
                .isEqualTo(new ScriptLookup.Result.Missing("no script plain in " + lookup.resourceDirectory() + ", "
                        + lookup.initDirectory() + " or " + lookup.ocfRoot().resolve("resource.d/heartbeat") + "; "
                        + lookup.initDirectory().resolve("plain") + " is not executable (chmod +x)"));
        assertThat(lookup.find(new ResourceSpec("../init.d/both", List.of(), "x")))
                .isInstanceOf(ScriptLookup.Result.Missing.class);
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
