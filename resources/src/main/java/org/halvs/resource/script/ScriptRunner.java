package org.halvs.resource.script;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteException;
import org.apache.commons.exec.ExecuteStreamHandler;
import org.apache.commons.exec.Executor;
import org.apache.commons.exec.ProcessDestroyer;
import org.halvs.linux.ProcessGroup;

/**
 * Runs a program with a time limit. It gets a session of its own; when its time is over, everything in its process
 * group and everything that descends from it is asked to end and half a second later made to. Thread-safe; blocks, and
 * may run on a virtual thread.
 *
 * <p>Its input is empty, its output goes to a file of which the end is kept. Not to a pipe: a script that starts a
 * server often leaves its output to it, and a pipe would be closed with the script, which ends the server at its next
 * word.
 */
public final class ScriptRunner {
    private static final System.Logger LOG = System.getLogger(ScriptRunner.class.getName());
    private static final Duration GRACE = Duration.ofMillis(500);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final long MOST_OUTPUT_BYTES = 1 << 20;
    private static final int KEPT_OUTPUT_BYTES = 8192;
    private static final String REDIRECT = "exec \"$0\" \"$@\" </dev/null >>\"$HALVS_OUTPUT\" 2>&1";

    private final Path directory;

    /**
     * A runner that keeps output in {@code directory} while a program runs.
     *
     * @param directory must exist; the run directory
     */
    public ScriptRunner(Path directory) {
        this.directory = directory;
    }

    /** What became of a program. */
    public sealed interface Outcome {

        /** It ended by itself. The code is that of a shell: 128 and the signal when it was killed. */
        record Exited(int code, String output) implements Outcome {}

        /** It did not end in time and was killed. */
        record TimedOut(Duration limit, String output) implements Outcome {}

        /** It could not be run. */
        record NotRun(String reason) implements Outcome {}
    }

    /**
     * Runs a program and waits for its end.
     *
     * @param command the program's path and its arguments; no shell looks at them
     * @param environment all its variables
     * @param limit more than zero
     */
    public Outcome run(List<String> command, Map<String, String> environment, Duration limit) {
        Path output;
        try {
            output = Files.createTempFile(directory, "script-", ".out");
        } catch (IOException e) {
            return new Outcome.NotRun("no file for its output in " + directory + ": " + e);
        }
        try {
            return run(command, environment, limit, output);
        } finally {
            try {
                Files.deleteIfExists(output);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "{0} stays behind: {1}", output, e);
            }
        }
    }

    private static Outcome run(List<String> command, Map<String, String> environment, Duration limit, Path outputFile) {
        // The redirection needs a shell; the program and its arguments reach it as arguments, so it never reads them as
        // text.
        CommandLine line = new CommandLine("setsid")
                .addArguments(new String[] {"-w", "/bin/sh", "-c", REDIRECT}, false)
                .addArguments(command.toArray(String[]::new), false);
        Map<String, String> variables = new java.util.LinkedHashMap<>(environment);
        variables.put("HALVS_OUTPUT", outputFile.toString());

        Guard guard = new Guard(limit, outputFile);
        DefaultExecutor executor = DefaultExecutor.builder()
                .setExecuteStreamHandler(new NoStreams())
                .setWorkingDirectory(Path.of("/"))
                .get();
        executor.setExitValues(null); // every exit is an answer
        executor.setProcessDestroyer(guard);
        int code;
        try {
            code = executor.execute(line, variables);
        } catch (ExecuteException e) {
            return new Outcome.NotRun(command.getFirst() + ": " + e.getMessage());
        } catch (IOException e) {
            return new Outcome.NotRun(command.getFirst() + ": " + e);
        }
        String output = tail(outputFile);
        if (guard.timedOut) {
            return new Outcome.TimedOut(limit, output);
        }
        if (code == Executor.INVALID_EXITVALUE) {
            guard.kill(); // the library gives up waiting when its thread is interrupted
            Thread.currentThread().interrupt();
            return new Outcome.NotRun(command.getFirst() + ": interrupted while it ran, and killed");
        }
        return new Outcome.Exited(code, output);
    }

    private static String tail(Path file) {
        try (RandomAccessFile reader = new RandomAccessFile(file.toFile(), "r")) {
            long length = reader.length();
            byte[] bytes = new byte[(int) Math.min(length, KEPT_OUTPUT_BYTES)];
            reader.seek(length - bytes.length);
            reader.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(its output can't be read: " + e + ")";
        }
    }

    /** Watches the process the library started: kills it after its time, keeps its output small. */
    private static final class Guard implements ProcessDestroyer {
        private final Duration limit;
        private final Path output;
        private volatile boolean timedOut;
        private volatile boolean started;
        private volatile long leader;

        Guard(Duration limit, Path output) {
            this.limit = limit;
            this.output = output;
        }

        /** The library has started the process. */
        @Override
        public boolean add(Process process) {
            leader = process.pid();
            started = true;
            Thread.ofVirtual().name("action-guard").start(() -> watch(process));
            return true;
        }

        @Override
        public boolean remove(Process process) {
            return true;
        }

        @Override
        public int size() {
            return started ? 1 : 0;
        }

        private void watch(Process process) {
            long deadlineNanos = System.nanoTime() + limit.toNanos();
            try {
                while (true) {
                    long leftNanos = deadlineNanos - System.nanoTime();
                    if (process.waitFor(Math.min(leftNanos, LOOK.toNanos()), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                    keepOutputSmall();
                    if (deadlineNanos - System.nanoTime() <= 0) {
                        timedOut = true;
                        end(process);
                        return;
                    }
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        /** Descendants are listed before their parents die: afterwards nobody knows whose they were. */
        private void end(Process process) throws InterruptedException {
            List<ProcessHandle> descendants = process.descendants().toList();
            ProcessGroup.terminate(leader);
            if (!process.waitFor(GRACE.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.log(Level.DEBUG, "process {0} does not end when asked", leader);
            }
            kill();
            descendants.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }

        void kill() {
            if (started) {
                ProcessGroup.kill(leader);
            }
        }

        /** The file is written in append mode, so the writer goes on at the new end. */
        private void keepOutputSmall() {
            try {
                if (Files.size(output) > MOST_OUTPUT_BYTES) {
                    Files.write(output, new byte[0]);
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "{0}: {1}", output, e);
            }
        }
    }

    /** The library's pipes are not used. */
    private static final class NoStreams implements ExecuteStreamHandler {
        @Override
        public void setProcessErrorStream(InputStream stream) {}

        @Override
        public void setProcessInputStream(OutputStream stream) {}

        @Override
        public void setProcessOutputStream(InputStream stream) {}

        @Override
        public void start() {}

        @Override
        public void stop() {}
    }
}
