package org.halvs.ha.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A small process beside the daemon that outlives it by some milliseconds: a shell that waits for the end of its standard input, which only
 * this daemon holds open. When that comes without a goodbye, whatever killed the daemon, it takes the addresses of the journal off the host.
 *
 * <p>It sits in a session of its own, so that what ends the daemon's process group does not end it, and costs nothing while it waits. A guardian
 * that was killed is replaced. Where systemd ends the whole unit, guardian included, {@code halvs cleanup} of the unit does the same.
 */
final class Guardian implements AutoCloseable {
    private static final Logger LOG = System.getLogger("halvs");
    private static final String SCRIPT = "guardian.sh";
    private static final long REPLACE_AFTER_MILLIS = 1000;

    private final Path run;
    private final Path script;
    private final BooleanSupplier nothingLeft;
    private @Nullable Process process;
    private boolean closed;

    private Guardian(Path run, Path script, BooleanSupplier nothingLeft) {
        this.run = run;
        this.script = script;
        this.nothingLeft = nothingLeft;
    }

    /**
     * Starts one for the journal in {@code directory}, where its script is put too.
     *
     * @param nothingLeft asked when the daemon ends in order: whether this host holds no floating address any more; if not, the guardian is
     *     left to clean up
     */
    static Guardian start(Path directory, BooleanSupplier nothingLeft) {
        Path run = directory.toAbsolutePath(); // the guardian works in another directory
        Path script = run.resolve(SCRIPT);
        try (InputStream text = Objects.requireNonNull(Guardian.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            Files.write(script, text.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("the run directory " + run + " can't be used", e);
        }
        Guardian guardian = new Guardian(run, script, nothingLeft);
        guardian.launch();
        return guardian;
    }

    private synchronized void launch() {
        if (closed) {
            return;
        }
        try {
            Process started = new ProcessBuilder(List.of("setsid", "/bin/sh", script.toString(), run.toString()))
                    .directory(Path.of("/").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process = started;
            CompletableFuture<Void> _ = started.onExit().thenRun(this::ended);
        } catch (IOException e) {
            LOG.log(
                    Level.ERROR,
                    "no guardian, so this node''s addresses would stay here if this daemon were killed: {0}",
                    e.getMessage());
        }
    }

    private synchronized void ended() {
        if (!closed) {
            LOG.log(Level.WARNING, "the guardian of this daemon has ended; another one is started");
            CompletableFuture.delayedExecutor(REPLACE_AFTER_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::launch);
        }
    }

    /** The process id of the guardian; 0 when there is none. */
    synchronized long pid() {
        return process == null ? 0 : process.pid();
    }

    /** Dismisses the guardian, or leaves the rest to it when something is left. */
    @Override
    public synchronized void close() {
        closed = true;
        if (process == null) {
            return;
        }
        try (OutputStream input = process.getOutputStream()) {
            if (nothingLeft.getAsBoolean()) {
                input.write("goodbye\n".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the guardian went before the daemon: {0}", e.getMessage());
        }
    }
}
