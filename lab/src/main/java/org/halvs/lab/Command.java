package org.halvs.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that runs to its end.
 *
 * @param exit its exit status
 * @param output what it wrote to standard output and standard error, in the order it wrote it
 */
public record Command(List<String> words, int exit, String output) {
    /** No program of a lab has a reason to take longer. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Runs a program, whatever its exit status. Fails with {@link LabException} when it can't be started or takes over 30 s. */
    public static Command run(List<String> words) {
        Path captured = null;
        try {
            captured = Files.createTempFile("halvs-lab-", ".out");
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(captured.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new LabException("took longer than " + LIMIT.toSeconds() + " s: " + String.join(" ", words));
            }
            return new Command(words, process.exitValue(), Files.readString(captured, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted: " + String.join(" ", words));
        } finally {
            delete(captured);
        }
    }

    /** Runs a program that has to succeed. Fails with {@link LabException} that quotes its output when it does not. */
    public static String output(String... words) {
        Command command = run(List.of(words));
        if (command.exit != 0) {
            throw new LabException(
                    String.join(" ", words) + " answered " + command.exit + ": " + command.output.strip());
        }
        return command.output;
    }

    private static void delete(@org.jspecify.annotations.Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
