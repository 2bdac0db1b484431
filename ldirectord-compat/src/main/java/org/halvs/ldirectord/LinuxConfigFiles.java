package org.halvs.ldirectord;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** The files of this machine. Thread-safe. */
public final class LinuxConfigFiles implements ConfigFiles {

    @Override
    public Optional<String> appendProblem(String path) {
        if (path.isEmpty()) {
            return Optional.of("No such file or directory");
        }
        Path file;
        try {
            file = Path.of(path).toAbsolutePath();
        } catch (InvalidPathException e) {
            return Optional.of("Invalid argument");
        }
        if (Files.isDirectory(file)) {
            return Optional.of("Is a directory");
        }
        if (Files.exists(file)) {
            return Files.isWritable(file) ? Optional.empty() : Optional.of("Permission denied");
        }
        Path parent = file.getParent();
        if (parent == null || !Files.exists(parent)) {
            return Optional.of("No such file or directory");
        }
        if (!Files.isDirectory(parent)) {
            return Optional.of("Not a directory");
        }
        return Files.isWritable(parent) ? Optional.empty() : Optional.of("Permission denied");
    }

    @Override
    public boolean isDirectory(String path) {
        try {
            return Files.isDirectory(Path.of(path));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
