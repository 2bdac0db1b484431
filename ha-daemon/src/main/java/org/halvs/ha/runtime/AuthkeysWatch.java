package org.halvs.ha.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Looks every second whether authkeys is another file than before, on the thread {@code authkeys-watch}. */
final class AuthkeysWatch implements AutoCloseable {
    private static final long LOOK_EVERY_NANOS = 1_000_000_000L;

    private final Path file;
    private final Thread thread;

    /**
     * @param changed called on the watching thread
     */
    AuthkeysWatch(Path file, Runnable changed) {
        this.file = file;
        List<Object> first = stamp();
        thread = Thread.ofPlatform().name("authkeys-watch").daemon().start(() -> watch(first, changed));
    }

    private void watch(List<Object> first, Runnable changed) {
        List<Object> before = first;
        while (!Thread.interrupted()) {
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
            List<Object> now = stamp();
            if (!now.equals(before) && !now.isEmpty()) { // gone for a moment changes nothing
                changed.run();
                before = now;
            }
        }
    }

    private List<Object> stamp() {
        try {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            return List.of(
                    attributes.lastModifiedTime(),
                    attributes.size(),
                    String.valueOf(attributes.fileKey()),
                    attributes.permissions());
        } catch (IOException _) {
            return List.of();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
