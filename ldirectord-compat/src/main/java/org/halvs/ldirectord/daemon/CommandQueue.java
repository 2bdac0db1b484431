package org.halvs.ldirectord.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.PumpStreamHandler;

/** Runs programs of the administrator one after another, on a thread of its own, so that they hold nothing up but each other. */
final class CommandQueue implements AutoCloseable {
    /** Longer than any script that is meant to end; ldirectord waited for ever, and checked nothing meanwhile. */
    private static final Duration TIME_LIMIT = Duration.ofMinutes(2);

    private final Consumer<String> complaints;
    private final ExecutorService thread;

    /** @param complaints gets a line when a program fails; called on the queue's thread */
    CommandQueue(String name, Consumer<String> complaints) {
        this.complaints = complaints;
        this.thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name(name).factory());
    }

    /** Runs a line by {@code /bin/sh -c}. */
    void shell(String line) {
        submit(List.of("/bin/sh", "-c", line), line);
    }

    void run(List<String> words) {
        submit(words, String.join(" ", words));
    }

    private void submit(List<String> words, String named) {
        try {
            thread.execute(() -> execute(words, named));
        } catch (RejectedExecutionException e) {
            complaints.accept("system(" + named + ") failed: the daemon is ending");
        }
    }

    private void execute(List<String> words, String named) {
        CommandLine command = new CommandLine(Path.of(words.getFirst()));
        words.subList(1, words.size()).forEach(word -> command.addArgument(word, false));
        ExecuteWatchdog watchdog =
                ExecuteWatchdog.builder().setTimeout(TIME_LIMIT).get();
        DefaultExecutor executor = DefaultExecutor.builder()
                .setExecuteStreamHandler(new PumpStreamHandler(OutputStream.nullOutputStream()))
                .get();
        executor.setWatchdog(watchdog);
        executor.setExitValues(null);
        try {
            int status = executor.execute(command);
            if (watchdog.killedProcess()) {
                complaints.accept("system(" + named + ") failed: killed after " + TIME_LIMIT.toSeconds() + " s");
            } else if (status != 0) {
                complaints.accept("system(" + named + ") failed: exit status " + status);
            }
        } catch (IOException e) {
            complaints.accept("system(" + named + ") failed: " + e.getMessage());
        }
    }

    /** Waits for what is queued, at most {@code patience}. */
    void finish(Duration patience) {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                complaints.accept("programs are still running and are left to themselves");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
