package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MemoryIcmpEcho;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalCheckTest {
    private static final List<String> ARGUMENTS = List.of("192.0.2.10", "80", "127.0.0.2", "8080");
    private static final CheckTarget TARGET = new CheckTarget(IpAddress.of("127.0.0.2"), 0);

    private final HealthCheckers checkers = new HealthCheckers(new MemoryIcmpEcho());

    @TempDir
    private Path directory;

    private Path script(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("check"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private CheckResult program(Path command, Duration timeout) {
        return checkers.of(new CheckSpec.External("" + command, ARGUMENTS, timeout))
                .check(TARGET, timeout);
    }

    private CheckResult perl(Path file) {
        Duration timeout = Duration.ofSeconds(10);
        return checkers.of(new CheckSpec.ExternalPerl("" + file, ARGUMENTS, timeout))
                .check(TARGET, timeout);
    }

    @Test
    void runsAProgramWithFourArguments() throws IOException {
        Path file = script("#!/bin/sh\n[ \"$*\" = '192.0.2.10 80 127.0.0.2 8080' ] || exit 3\n"
                + "read line && exit 4\nls -l /proc/$$/fd | grep -c /dev/null > " + directory + "/nulls\nexit 0\n");
        assertThat(program(file, Duration.ofSeconds(10))).isEqualTo(new Passed("exit status 0"));
        assertThat(directory.resolve("nulls")).content().startsWith("3");
    }

    @Test
    void takesAnyOtherStatusAsDown() throws IOException {
        Path file = script("#!/bin/sh\nexit 7\n");
        assertThat(program(file, Duration.ofSeconds(10)))
                .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, file + " exited with status 7"));
    }

    @Test
    void saysWhyAProgramCannotRun() throws IOException {
        Path missing = directory.resolve("nothing");
        assertThat(program(missing, Duration.ofSeconds(1)))
                .isEqualTo(new Failed(Reason.NOT_POSSIBLE, "cannot run " + missing + ": no such file"));
        Path plain = Files.writeString(directory.resolve("plain"), "text");
        assertThat(Exchanges.reason(program(plain, Duration.ofSeconds(1)))).isEqualTo(Reason.NOT_POSSIBLE);
        assertThat(program(plain, Duration.ofSeconds(1)).detail()).contains("Permission denied");
    }

    @Test
    void killsTheProgramAndItsChildrenAtTheDeadline() throws IOException, InterruptedException {
        Path pids = directory.resolve("pids");
        Path file = script(
                "#!/bin/sh\ntrap '' TERM\n(trap '' TERM; sleep 61) & echo $! $$ > " + pids + "\nwait; sleep 61\n");
        long begin = System.nanoTime();
        CheckResult result = program(file, Duration.ofMillis(700));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
        assertThat(result).isEqualTo(new Failed(Reason.TIMED_OUT, file + " did not end within 700 ms"));
        String[] written = Files.readString(pids).strip().split(" ");
        for (String pid : written) {
            for (int i = 0; i < 100 && lives(pid); i++) {
                Thread.sleep(50);
            }
            assertThat(lives(pid)).as(pid).isFalse();
        }
    }

    private static boolean lives(String pid) {
        Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(pid));
        return process.isPresent() && process.get().isAlive();
    }

    @Test
    void givesEachPerlScriptAPerlOfItsOwn() throws IOException {
        LocalProgram.need("perl", "perl");
        Path file = script("exit(\"@ARGV\" eq '192.0.2.10 80 127.0.0.2 8080' ? 0 : 5);\n");
        assertThat(perl(file)).isEqualTo(new Passed("exit status 0"));
        Files.writeString(file, "die 'changed';\n");
        assertThat(Exchanges.reason(perl(file))).isEqualTo(Reason.UNEXPECTED_ANSWER);
        Files.writeString(file, "this is not perl (\n");
        assertThat(perl(file).passed()).isFalse();
        Files.delete(file);
        assertThat(Exchanges.reason(perl(file))).isEqualTo(Reason.NOT_POSSIBLE);
    }
}
