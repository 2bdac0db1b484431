package org.halvs.ldirectord.daemon;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.halvs.ldirectord.LdirectordReading;

/**
 * Looks for changes of configuration files, each second on the thread {@code config-watch}, and reads those that have changed there: names in
 * them may have to be resolved, which can take long.
 */
public final class ConfigWatcher implements AutoCloseable {
    private static final long LOOK_EVERY_NANOS = 1_000_000_000L;

    /** What became of a file. */
    public sealed interface Change {}

    /** It is not there any more. */
    public record Vanished() implements Change {}

    /** Its content is another one. */
    public record Changed(LdirectordReading reading) implements Change {}

    /** It is there and can't be read. */
    public record Unreadable(String reason) implements Change {}

    /** Hears of changes, on the watching thread. */
    @FunctionalInterface
    public interface Listener {
        void changed(ConfigSource file, Change change);
    }

    private final Map<ConfigSource, ConfigWatch> files = new LinkedHashMap<>();
    private final Listener listener;
    private final Thread thread;

    /** Starts with what the files are like now: only what changes from now on is told. */
    public ConfigWatcher(List<ConfigSource> sources, Listener listener) {
        this.listener = listener;
        sources.forEach(source -> files.put(source, new ConfigWatch(source.look())));
        thread = Thread.ofPlatform().name("config-watch").daemon().start(this::watch);
    }

    private void watch() {
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
            if (!Thread.currentThread().isInterrupted()) {
                files.forEach(this::look);
            }
        }
    }

    private void look(ConfigSource file, ConfigWatch watch) {
        change(file, watch).ifPresent(change -> listener.changed(file, change));
    }

    private static Optional<Change> change(ConfigSource file, ConfigWatch watch) {
        return switch (watch.judge(file.look())) {
            case SAME -> Optional.empty();
            case VANISHED -> Optional.of(new Vanished());
            case CHANGED -> Optional.of(read(file));
        };
    }

    /** Reads a file, whatever it was like before. */
    public static Change read(ConfigSource file) {
        try {
            return new Changed(file.read());
        } catch (IOException e) {
            return new Unreadable(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
