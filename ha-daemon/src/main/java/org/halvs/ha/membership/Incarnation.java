package org.halvs.ha.membership;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Numbers the lives of a node: each greater than the one before, also when the clock was set back, which is why the last one is kept in a file. What
 * heartbeat calls the generation.
 */
public final class Incarnation {
    private Incarnation() {}

    /**
     * The number of a new life, written to {@code file} before it is returned.
     *
     * @param nowMillis the clock, milliseconds since 1970; used unless the file knows a later life
     * @throws UncheckedIOException when the file can't be written; one that can't be read is taken for lost
     */
    public static long next(Path file, long nowMillis) {
        long incarnation = Math.max(nowMillis, last(file) + 1);
        try {
            Path written = file.resolveSibling(file.getFileName() + ".new");
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(
                    written,
                    incarnation + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.SYNC); // the power may fail next
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file, e);
        }
        return incarnation;
    }

    private static long last(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
