package org.halvs.ha.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.halvs.dialect.Parsed;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LinuxConfigFiles;
import org.halvs.ldirectord.LinuxNameService;
import org.halvs.resource.ResourceSpec;

/** The configuration files of directors: which one a resource of haresources means, and how it is read. */
public final class DirectorFile {
    private static final String AGENT = "ldirectord";
    private static final String DEFAULT = "ldirectord.cf";

    private DirectorFile() {}

    /** Whether a resource is a director: {@code ldirectord} or {@code ldirectord::FILE}. */
    public static boolean isDirector(ResourceSpec resource) {
        return resource.agent().equals(AGENT);
    }

    /**
     * The file a director resource means, looked for as ldirectord does: in the configuration directory, in its {@code conf}, then as it is
     * written. A file that is nowhere is expected in the configuration directory.
     */
    public static Path path(Path etc, ResourceSpec resource) {
        String name =
                resource.arguments().isEmpty() ? DEFAULT : resource.arguments().getFirst();
        if (name.startsWith("/")) {
            return Path.of(name);
        }
        List<Path> places = List.of(etc.resolve(name), etc.resolve("conf").resolve(name));
        return places.stream().filter(Files::isReadable).findFirst().orElse(places.getFirst());
    }

    /** Reads an ldirectord.cf; host names in it are resolved now. */
    public static Parsed<LdirectordPlan> read(Path file) {
        return NodeFiles.text(file)
                .map(text -> new LdirectordReader(new LinuxNameService(), new LinuxConfigFiles())
                        .read(file.toString(), text)
                        .result())
                .orElseGet(() -> NodeFiles.unreadable(file));
    }
}
