package org.halvs.check.protocol;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.check.HealthChecker;

/**
 * {@code checktype = external} and {@code external-perl}: a program of the administrator, up when its exit status is 0. Immutable.
 *
 * <p>All its standard streams are {@code /dev/null}. At the deadline the program and what it has started get TERM, and half a second later
 * KILL; ldirectord sent TERM to the program alone, so that its children lived on.
 */
final class ExternalCheck implements HealthChecker {
    private static final Duration TERM_PATIENCE = Duration.ofMillis(500);
    private static final File NOWHERE = new File("/dev/null");

    private final List<String> command;
    private final Path file;

    private ExternalCheck(List<String> command, Path file) {
        this.command = command;
        this.file = file;
    }

    /** The command of ldirectord.cf is the name of one program; blanks in it do not separate arguments. */
    static ExternalCheck program(CheckSpec.External spec) {
        return new ExternalCheck(command(List.of(spec.command()), spec.arguments()), Path.of(spec.command()));
    }

    /** A perl of its own for each check, so that a broken script harms nobody and a changed one is noticed. */
    static ExternalCheck perl(CheckSpec.ExternalPerl spec, String perl) {
        return new ExternalCheck(command(List.of(perl, spec.script()), spec.arguments()), Path.of(spec.script()));
    }

    private static List<String> command(List<String> start, List<String> arguments) {
        List<String> all = new ArrayList<>(start);
        all.addAll(arguments);
        return List.copyOf(all);
    }

    @Override
    public CheckResult check(CheckTarget target, Duration timeout) {
        if (file.isAbsolute() && !Files.exists(file)) {
            return new Failed(Reason.NOT_POSSIBLE, "cannot run " + file + ": no such file");
        }
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectInput(NOWHERE)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return new Failed(Reason.NOT_POSSIBLE, "cannot run " + file + ": " + reason(e));
        }
        try {
            if (process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                int status = process.exitValue();
                return status == 0
                        ? new Passed("exit status 0")
                        : new Failed(Reason.UNEXPECTED_ANSWER, file + " exited with status " + status);
            }
            killTree(process);
            return new Failed(Reason.TIMED_OUT, file + " did not end within " + timeout.toMillis() + " ms");
        } catch (InterruptedException e) {
            killTree(process);
            Thread.currentThread().interrupt();
            return ExchangeFailure.timedOut(timeout);
        }
    }

    private static void killTree(Process process) {
        List<ProcessHandle> tree;
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            tree = Stream.concat(Stream.of(process.toHandle()), descendants).toList();
        }
        tree.forEach(ProcessHandle::destroy);
        Thread.ofVirtual().name("check-reaper").start(() -> {
            try {
                Thread.sleep(TERM_PATIENCE);
            } catch (InterruptedException e) {
                // kill at once
            }
            tree.forEach(ProcessHandle::destroyForcibly);
        });
    }

    /** What the system said: {@code Permission denied}. */
    private static String reason(IOException e) {
        String text = String.valueOf(e.getMessage());
        int cause = text.lastIndexOf(", ");
        return cause < 0 ? text : text.substring(cause + 2);
    }
}
