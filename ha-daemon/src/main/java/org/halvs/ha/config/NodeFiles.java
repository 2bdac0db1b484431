package org.halvs.ha.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.resource.ResourceGroup;

/**
 * The three files that make a node of a cluster, read from the configuration directory. The ldirectord files haresources names are read by
 * whoever starts that resource: one of them being broken must not keep the addresses from their owner.
 */
public record NodeFiles(ClusterConfig cluster, Authkeys authkeys, List<ResourceGroup> groups) {
    public NodeFiles {
        groups = List.copyOf(groups);
    }

    /** Reads {@code ha.cf}, {@code authkeys} and {@code haresources}; all problems of all of them come in one go. */
    public static Parsed<NodeFiles> read(Path etc, HostFacts host) {
        List<ConfigProblem> problems = new ArrayList<>();
        Optional<ClusterConfig> cluster = collect(readHaCf(etc.resolve("ha.cf"), host), problems);
        Optional<Authkeys> authkeys = collect(readAuthkeys(etc.resolve("authkeys")), problems);
        List<String> nodes = cluster.map(ClusterConfig::nodes).orElse(List.of());
        Optional<List<ResourceGroup>> groups = collect(readHaresources(etc.resolve("haresources"), nodes), problems);
        if (cluster.isEmpty() || authkeys.isEmpty() || groups.isEmpty()) {
            return new Parsed<>(Optional.empty(), problems);
        }
        return Parsed.of(new NodeFiles(cluster.get(), authkeys.get(), groups.get()), problems);
    }

    public static Parsed<ClusterConfig> readHaCf(Path file, HostFacts host) {
        return text(file).map(text -> HaCf.parse(file.toString(), text, host)).orElseGet(() -> unreadable(file));
    }

    public static Parsed<Authkeys> readAuthkeys(Path file) {
        return text(file)
                .map(text -> AuthkeysFile.parse(file.toString(), text, mode(file)))
                .orElseGet(() -> unreadable(file));
    }

    /**
     * @param nodes the nodes of ha.cf, empty when they are not known
     */
    public static Parsed<List<ResourceGroup>> readHaresources(Path file, List<String> nodes) {
        return text(file)
                .map(text -> Haresources.parse(file.toString(), text, nodes))
                .orElseGet(() -> unreadable(file));
    }

    private static <T> Optional<T> collect(Parsed<T> parsed, List<ConfigProblem> problems) {
        problems.addAll(parsed.problems());
        return parsed.value();
    }

    /** The content of a file, a character a byte; empty when it can't be read. */
    static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(
                    file, StandardCharsets.ISO_8859_1)); // whatever the editor wrote, nothing gets lost
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /** What to say of a file that can't be read. */
    static <T> Parsed<T> unreadable(Path file) {
        String message = Files.exists(file) ? "can't be read" : "is missing";
        String remedy = Files.exists(file)
                ? "see that root may read it"
                : "write one; halvs ships examples under its etc directory";
        return new Parsed<>(Optional.empty(), List.of(ConfigProblem.error(file.toString(), 0, "", message, remedy)));
    }

    private static Set<PosixFilePermission> mode(Path file) {
        try {
            return Files.getPosixFilePermissions(file);
        } catch (IOException _) {
            return Set.of();
        }
    }
}
