package org.halvs.ldirectord.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The pid files of one configuration. It has two when it is {@code ldirectord.cf}: ldirectord took {@code ldirectord start} and
 * {@code ldirectord ldirectord.cf start} for two daemons, which then fought for one table. Either file counts here.
 */
final class PidFiles {
    private static final String DEFAULT_CONFIG = "ldirectord.cf";
    private static final String DEFAULT_INSTANCE = "ldirectord";

    private final Path own;
    private final List<Path> all;

    /**
     * The files of a daemon.
     *
     * @param directory {@code /var/run}
     * @param instance its name
     */
    PidFiles(Path directory, String instance) {
        this.own = file(directory, instance);
        this.all = switch (instance) {
            case DEFAULT_INSTANCE -> List.of(own, file(directory, DEFAULT_CONFIG));
            case DEFAULT_CONFIG -> List.of(own, file(directory, DEFAULT_INSTANCE));
            default -> List.of(own);
        };
    }

    private static Path file(Path directory, String instance) {
        return directory.resolve("ldirectord." + instance + ".pid");
    }

    /** Where a daemon of this name writes its pid. */
    Path own() {
        return own;
    }

    /** The state of a daemon, by its pid files. */
    sealed interface State {}

    /** It runs. */
    record Running(long pid) implements State {}

    /** A pid file of a process that is gone, or is something else by now. */
    record Stale(Path file) implements State {}

    /** No pid file, or an empty one. */
    record Stopped() implements State {}

    State state(Processes processes) {
        Optional<Path> stale = Optional.empty();
        for (Path file : all) {
            OptionalLong pid = read(file);
            if (pid.isPresent() && processes.isDirector(pid.getAsLong())) {
                return new Running(pid.getAsLong());
            }
            if (pid.isPresent() && stale.isEmpty()) {
                stale = Optional.of(file);
            }
        }
        return stale.<State>map(Stale::new).orElse(new Stopped());
    }

    private static OptionalLong read(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            return text.matches("\\d{1,9}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Makes the file as ldirectord does: the pid and a line end. */
    void write(long pid) throws IOException {
        Files.writeString(own, pid + "\n", StandardCharsets.ISO_8859_1);
    }

    /** Removes the file if it still speaks of {@code pid}. */
    void remove(long pid) throws IOException {
        OptionalLong written = read(own);
        if (written.isPresent() && written.getAsLong() == pid) {
            Files.deleteIfExists(own);
        }
    }
}
