package org.halvs.ldirectord.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where a configuration's name may lead. */
final class ConfigLookup {
    private ConfigLookup() {}

    /** The first of {@code ETC/CONFIG}, {@code ETC/conf/CONFIG} and {@code CONFIG} that is a file. */
    static Optional<Path> find(Path etc, String config) {
        // COMPAT: a path is put behind the directory too, as text
        List<Path> places = List.of(Path.of(etc + "/" + config), Path.of(etc + "/conf/" + config), Path.of(config));
        return places.stream().filter(Files::isRegularFile).findFirst();
    }
}
