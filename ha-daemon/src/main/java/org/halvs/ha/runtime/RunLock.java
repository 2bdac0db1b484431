package org.halvs.ha.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** One daemon a run directory: a lock on a file there, which goes with the process, whatever ends it. */
public final class RunLock implements AutoCloseable {
    private final FileChannel channel;
    private final @Nullable FileLock lock;

    private RunLock(FileChannel channel, @Nullable FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Tries to take the lock, and makes the run directory where it is missing.
     *
     * @throws UncheckedIOException when the directory or the file can't be made
     */
    public static RunLock take(Path run) {
        try {
            Files.createDirectories(run);
            FileChannel channel =
                    FileChannel.open(run.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            return new RunLock(channel, tryLock(channel));
        } catch (IOException e) {
            throw new UncheckedIOException("the run directory " + run + " can't be used", e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    /** Whether this process has the lock; if not, a daemon runs with the directory. */
    public boolean taken() {
        return lock != null;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
