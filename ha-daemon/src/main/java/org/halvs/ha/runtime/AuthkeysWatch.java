package org.halvs.ha.runtime;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Learns that authkeys is another file than before, on the thread {@code authkeys-watch}. The kernel says so ({@code inotify(7)}). Where it can't be asked,
 * and for the target of a link, of which it says nothing, the file is looked at every second; else every ten, in case another machine changes it.
 */
final class AuthkeysWatch implements AutoCloseable {
    private static final long LOOK_SECONDS = 10;
    private static final long LOOK_UNTOLD_SECONDS = 1;
    /** A file may be written in pieces, and its mode be changed behind that. */
    private static final long SETTLE_MILLIS = 100;

    private final Path file;
    private final Optional<WatchService> notices;
    private final Thread thread;
    /** Whether changes in the directory are told; confined to the thread. */
    private boolean told;

    /**
     * @param changed called on the watching thread
     */
    AuthkeysWatch(Path file, Runnable changed) {
        this.file = file.toAbsolutePath();
        notices = notices(this.file.resolveSibling(""));
        told = notices.isPresent();
        List<Object> first = stamp();
        thread = Thread.ofPlatform().name("authkeys-watch").daemon().start(() -> watch(first, changed));
    }

    private static Optional<WatchService> notices(Path directory) {
        try {
            WatchService service = directory.getFileSystem().newWatchService();
            try {
                WatchKey _ = directory.register(
                        service,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY,
                        StandardWatchEventKinds.ENTRY_DELETE);
                return Optional.of(service);
            } catch (IOException e) {
                service.close();
                throw e;
            }
        } catch (IOException _) {
            return Optional.empty(); // no directory, or too many watches on this machine
        }
    }

    private void watch(List<Object> first, Runnable changed) {
        List<Object> before = first;
        try {
            while (true) {
                await();
                List<Object> now = stamp();
                if (!now.equals(before) && !now.isEmpty()) { // gone for a moment changes nothing
                    changed.run();
                    before = now;
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException _) {
            // closed
        }
    }

    private void await() throws InterruptedException {
        if (notices.isEmpty()) {
            TimeUnit.SECONDS.sleep(LOOK_UNTOLD_SECONDS);
            return;
        }
        long seconds = told && !Files.isSymbolicLink(file) ? LOOK_SECONDS : LOOK_UNTOLD_SECONDS;
        WatchKey key = notices.get().poll(seconds, TimeUnit.SECONDS);
        if (key != null) {
            TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
            key.pollEvents();
            told = key.reset(); // false when the directory itself is gone
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
    public void close() throws IOException {
        thread.interrupt();
        if (notices.isPresent()) {
            notices.get().close();
        }
    }
}
