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
import java.util.function.Function;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.resource.ResourceGroup;

/** ha.cf, authkeys and haresources of one directory, read together. */
public record ClusterFiles(ClusterConfig config, Authkeys authkeys, List<ResourceGroup> groups) {
    public ClusterFiles {
        groups = List.copyOf(groups);
    }

    /**
     * Reads the three files of {@code directory}, usually /etc/ha.d; all problems of all of them come in one go. The ldirectord files that haresources
     * names are not among them: one of those being broken must not keep the addresses from their owner.
     */
    public static Parsed<ClusterFiles> read(Path directory, HostFacts host) {
        return read(directory, host, NodeChanges.NONE);
    }

    /** The same where {@code hb_addnode} and {@code hb_delnode} have changed the nodes. */
    public static Parsed<ClusterFiles> read(Path directory, HostFacts host, NodeChanges changes) {
        List<ConfigProblem> problems = new ArrayList<>();
        Optional<ClusterConfig> config =
                keep(haCf(directory.resolve("ha.cf"), host), problems).map(changes::applyTo);
        Optional<Authkeys> keys = keep(authkeys(directory.resolve("authkeys")), problems);
        List<String> nodes = config.map(ClusterConfig::nodes).orElse(List.of());
        Optional<List<ResourceGroup>> groups = keep(haresources(directory.resolve("haresources"), nodes), problems);
        Optional<ClusterFiles> all = config.flatMap(c -> keys.flatMap(k -> groups.map(g -> new ClusterFiles(c, k, g))));
        return new Parsed<>(all, problems);
    }

    /** Reads an ha.cf. A file that is missing is a problem with heartbeat's text, never an exception. */
    public static Parsed<ClusterConfig> haCf(Path file, HostFacts host) {
        return parsed(file, "config", text -> HaCf.parse(file.toString(), text, host));
    }

    /** Reads an authkeys file, and looks at who may read it. */
    public static Parsed<Authkeys> authkeys(Path file) {
        return parsed(file, "authentication", text -> AuthkeysFile.parse(file.toString(), text, mode(file)));
    }

    /**
     * Reads an haresources file.
     *
     * @param nodes the nodes of ha.cf; empty when they are not known, so that any node will do
     */
    public static Parsed<List<ResourceGroup>> haresources(Path file, List<String> nodes) {
        return parsed(file, "resources", text -> Haresources.parse(file.toString(), text, nodes));
    }

    private static <T> Optional<T> keep(Parsed<T> parsed, List<ConfigProblem> problems) {
        problems.addAll(parsed.problems());
        return parsed.value();
    }

    private static <T> Parsed<T> parsed(Path file, String kind, Function<String, Parsed<T>> reader) {
        try {
            return reader.apply(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return missing(file, kind, "write one; the installed examples show how");
        } catch (IOException e) {
            return missing(file, kind, String.valueOf(e.getMessage()));
        }
    }

    private static <T> Parsed<T> missing(Path file, String kind, String remedy) {
        String message = "Cannot open " + kind + " file [" + file + "]";
        return new Parsed<>(Optional.empty(), List.of(ConfigProblem.error(file.toString(), 0, "", message, remedy)));
    }

    private static Set<PosixFilePermission> mode(Path file) {
        try {
            return Files.getPosixFilePermissions(file);
        } catch (IOException e) {
            return Set.of(PosixFilePermission.OTHERS_READ); // what can't be judged is not trusted
        }
    }
}
