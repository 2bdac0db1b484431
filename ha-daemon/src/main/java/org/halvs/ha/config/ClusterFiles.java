package org.halvs.ha.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.resource.ResourceGroup;

/** ha.cf, authkeys and haresources of one directory, read together. */
public record ClusterFiles(ClusterConfig config, Authkeys authkeys, List<ResourceGroup> groups) {
    public ClusterFiles {
        groups = List.copyOf(groups);
    }

    /** Reads the three files of {@code directory}, usually /etc/ha.d. A file that is missing is a problem with heartbeat's text, never an exception. */
    public static Parsed<ClusterFiles> read(Path directory, HostFacts host) {
        List<ConfigProblem> problems = new ArrayList<>();
        Path haCf = directory.resolve("ha.cf");
        Path authkeys = directory.resolve("authkeys");
        Path haresources = directory.resolve("haresources");
        Optional<ClusterConfig> config =
                text(haCf, "config", problems).flatMap(text -> keep(HaCf.parse(haCf.toString(), text, host), problems));
        Optional<Authkeys> keys = text(authkeys, "authentication", problems)
                .flatMap(text -> keep(AuthkeysFile.parse(authkeys.toString(), text, mode(authkeys)), problems));
        List<String> nodes = config.map(ClusterConfig::nodes).orElse(List.of());
        Optional<List<ResourceGroup>> groups = text(haresources, "resources", problems)
                .flatMap(text -> keep(Haresources.parse(haresources.toString(), text, nodes), problems));
        Optional<ClusterFiles> all = config.flatMap(c -> keys.flatMap(k -> groups.map(g -> new ClusterFiles(c, k, g))));
        return new Parsed<>(all, problems);
    }

    private static <T> Optional<T> keep(Parsed<T> parsed, List<ConfigProblem> problems) {
        problems.addAll(parsed.problems());
        return parsed.value();
    }

    private static Optional<String> text(Path file, String kind, List<ConfigProblem> problems) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            problems.add(missing(file, kind, "write one; the installed examples show how"));
        } catch (IOException e) {
            problems.add(missing(file, kind, String.valueOf(e.getMessage())));
        }
        return Optional.empty();
    }

    private static ConfigProblem missing(Path file, String kind, String remedy) {
        return ConfigProblem.error(file.toString(), 0, "", "Cannot open " + kind + " file [" + file + "]", remedy);
    }

    private static Set<PosixFilePermission> mode(Path file) {
        try {
            return Files.getPosixFilePermissions(file);
        } catch (IOException e) {
            return Set.of(PosixFilePermission.OTHERS_READ); // what can't be judged is not trusted
        }
    }
}
