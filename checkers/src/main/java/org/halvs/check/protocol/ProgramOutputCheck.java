package org.halvs.check.protocol;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.ProgramOutput;
import org.halvs.check.CheckTarget;
import org.halvs.check.HealthChecker;
import org.jspecify.annotations.Nullable;

/**
 * {@code send_program} of Piranha: a program whose output is compared. Immutable.
 *
 * <p>The nanny took a program that failed or hung for a success when something was expected of it; here both are failures. Output beyond
 * {@value #MOST_BYTES} bytes is not looked at; it goes to a file of its own, so that a program that writes without end blocks nobody.
 */
final class ProgramOutputCheck implements HealthChecker {
    /** The nanny's buffer. */
    private static final int MOST_BYTES = 4095;

    private static final File NOWHERE = new File("/dev/null");

    private final ProgramOutput spec;

    ProgramOutputCheck(ProgramOutput spec) {
        this.spec = spec;
    }

    @Override
    public CheckResult check(CheckTarget target, Duration timeout) {
        Path output = null;
        try {
            output = Files.createTempFile("halvs-check-", ".out");
            return run(output, timeout);
        } catch (IOException e) {
            return new Failed(Reason.NOT_POSSIBLE, "cannot run " + program() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExchangeFailure.timedOut(timeout);
        } finally {
            delete(output);
        }
    }

    private CheckResult run(Path output, Duration timeout) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(spec.command())
                .redirectInput(NOWHERE)
                .redirectOutput(output.toFile())
                .redirectError(Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                return new Failed(Reason.TIMED_OUT, program() + " did not end within " + timeout.toMillis() + " ms");
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            return new Failed(Reason.UNEXPECTED_ANSWER, program() + " exited with status " + process.exitValue());
        }
        if (spec.expect().isEmpty() || beginning(output).equals(spec.expect())) {
            return new Passed("the expected output");
        }
        return new Failed(Reason.UNEXPECTED_ANSWER, program() + " wrote something else than expected");
    }

    /** What a program wrote, but for one line end. */
    private static String beginning(Path output) throws IOException {
        try (InputStream in = Files.newInputStream(output)) {
            String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.ISO_8859_1);
            return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        }
    }

    private String program() {
        return spec.command().isEmpty() ? "nothing" : spec.command().getFirst();
    }

    private static void delete(@Nullable Path output) {
        if (output != null) {
            try {
                Files.deleteIfExists(output);
            } catch (IOException e) {
                // a leftover in the temporary directory harms nobody
            }
        }
    }
}
