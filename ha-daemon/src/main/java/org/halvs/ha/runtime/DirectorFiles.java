package org.halvs.ha.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.halvs.dialect.Parsed;
import org.halvs.ha.config.DirectorFile;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * The ldirectord files of this node: read at the start, and again when they change and say {@code autoreload = yes}. Files are read on the
 * thread {@code config-watch}, because names in them may have to be resolved.
 */
final class DirectorFiles {
    private static final long LOOK_EVERY_NANOS = 1_000_000_000L;

    private final ControlLoop loop;
    private final EventSink events;
    private final Directors directors;
    private final Map<Path, Watched> files = new ConcurrentHashMap<>();
    private final Path etc;
    private final HalvsYml own;

    /** What the file was like when it was last read. Written by one thread at a time: the starting one, then the watching one. */
    private static final class Watched {
        Optional<Stamp> stamp = Optional.empty();
        /** A file that was never good is read again whenever it changes. */
        boolean reload = true;
    }

    /** Enough to see that a file has changed, also within one second. */
    private record Stamp(FileTime modified, long size, Object inode) {}

    DirectorFiles(
            ControlLoop loop,
            EventSink events,
            Directors directors,
            Path etc,
            HalvsYml own,
            List<ResourceGroup> groups) {
        this.loop = loop;
        this.events = events;
        this.directors = directors;
        this.etc = etc;
        this.own = own;
        know(groups);
    }

    /** Looks for changes of the files of these groups as well. */
    void know(List<ResourceGroup> groups) {
        groups.stream()
                .flatMap(group -> group.resources().stream())
                .filter(DirectorFile::isDirector)
                .forEach(spec -> files.putIfAbsent(DirectorFile.path(etc, spec), new Watched()));
    }

    /** The name of a director resource's configuration, by which {@link Directors} knows it: its file. */
    String configuration(ResourceSpec resource) {
        return DirectorFile.path(etc, resource).toString();
    }

    /** Reads all files now, so that their checks begin before anything is taken over. */
    void readAll() {
        files.forEach(this::read);
    }

    /** Starts looking for changes; ends when closed. */
    AutoCloseable watch() {
        Thread watcher = Thread.ofPlatform().name("config-watch").daemon().start(() -> {
            while (!Thread.interrupted()) {
                LockSupport.parkNanos(LOOK_EVERY_NANOS);
                files.forEach((file, watched) -> {
                    if (watched.reload && !stamp(file).equals(watched.stamp)) {
                        read(file, watched);
                    }
                });
            }
        });
        return watcher::interrupt;
    }

    private void read(Path file, Watched watched) {
        boolean first = watched.stamp.isEmpty();
        watched.stamp = stamp(file);
        if (watched.stamp.isEmpty() && !first) {
            return; // gone for a moment, or for good: what was read last goes on
        }
        Parsed<LdirectordPlan> parsed = DirectorFile.read(file, own);
        watched.reload = parsed.value().map(plan -> plan.options().autoReload()).orElse(true);
        loop.enqueue(() -> {
            if (parsed.value().isEmpty()) {
                events.emit(new DomainEvent.ConfigurationRefused(file.toString(), parsed.errors()));
                return;
            }
            events.emit(new DomainEvent.ConfigurationApplied(
                    file.toString(), first ? "read" : "changed on disk, read again"));
            directors.configure(file.toString(), parsed.value().get().services());
        });
    }

    private static Optional<Stamp> stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
