package org.halvs.ldirectord;

import java.util.List;
import java.util.Optional;

/** A file system that has the directories it is told, each of which can be written; relative paths are in one of them. Immutable. */
public final class MemoryConfigFiles implements ConfigFiles {
    private final List<String> directories;

    public MemoryConfigFiles(List<String> directories) {
        this.directories = List.copyOf(directories);
    }

    @Override
    public Optional<String> appendProblem(String path) {
        if (path.isEmpty()) {
            return Optional.of("No such file or directory");
        }
        if (isDirectory(path)) {
            return Optional.of("Is a directory");
        }
        int slash = path.lastIndexOf('/');
        boolean there = (slash < 0 || isDirectory(path.substring(0, slash)));
        return there ? Optional.empty() : Optional.of("No such file or directory");
    }

    @Override
    public boolean isDirectory(String path) {
        return directories.contains(path);
    }
}
