package org.halvs.ha.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ObjLongConsumer;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.config.DirectorFile;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.ldirectord.daemon.ConfigSource;
import org.halvs.ldirectord.daemon.ConfigWatcher;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * The ldirectord files of this node: read at the start, and again when they change. Files are read off the control thread, because names in them
 * may have to be resolved.
 */
final class DirectorFiles {
    private ObjLongConsumer<String> onRead = (_, _) -> {};
    private final ControlLoop loop;
    private final Directors directors;
    private final Map<Path, ConfigSource> files = new LinkedHashMap<>();
    private final List<ConfigWatcher> watchers = new CopyOnWriteArrayList<>();
    private final Path etc;
    private final HalvsYml own;

    DirectorFiles(ControlLoop loop, Directors directors, Path etc, HalvsYml own, List<ResourceGroup> groups) {
        this.loop = loop;
        this.directors = directors;
        this.etc = etc;
        this.own = own;
        remember(groups);
    }

    private void remember(List<ResourceGroup> groups) {
        groups.stream()
                .flatMap(group -> group.resources().stream())
                .filter(DirectorFile::isDirector)
                .map(spec -> DirectorFile.path(etc, spec))
                .forEach(file -> files.putIfAbsent(file, DirectorFile.source(file, own)));
    }

    /** The name of a director resource's configuration, by which {@link Directors} knows it: its file. */
    String configuration(ResourceSpec resource) {
        return DirectorFile.path(etc, resource).toString();
    }

    /** Reads all files now, so that their checks begin before anything is taken over, and looks for changes until it is closed. */
    AutoCloseable readAndWatch() {
        watch(List.copyOf(files.values()));
        files.values().forEach(file -> hear(file, ConfigWatcher.read(file)));
        return () -> watchers.forEach(ConfigWatcher::close);
    }

    /** Looks for changes of the files of these groups as well; somebody else has read them. On the control thread. */
    void know(List<ResourceGroup> groups) {
        List<ConfigSource> before = List.copyOf(files.values());
        remember(groups);
        List<ConfigSource> added =
                files.values().stream().filter(file -> !before.contains(file)).toList();
        watch(added);
    }

    /** A pair without ldirectord has no thread for it. */
    private void watch(List<ConfigSource> sources) {
        if (!sources.isEmpty()) {
            watchers.add(new ConfigWatcher(sources, this::hear));
        }
    }

    /** Tells {@code listener}, on the control thread, of each reading: the name of the file, and a number that changes with what it says. */
    void onRead(ObjLongConsumer<String> listener) {
        onRead = listener;
    }

    private void hear(ConfigSource file, ConfigWatcher.Change change) {
        String name = String.valueOf(file.path().getFileName());
        long number = number(file.path());
        loop.enqueue(() -> {
            directors.read(file.path(), change);
            onRead.accept(name, number);
        });
    }

    private static long number(Path file) {
        try {
            return TakeoverRules.hash(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            return 0; // a file that can't be read differs from one that can
        }
    }
}
