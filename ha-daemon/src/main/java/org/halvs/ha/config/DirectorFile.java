package org.halvs.ha.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.director.ServicePlan;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LinuxConfigFiles;
import org.halvs.ldirectord.LinuxNameService;
import org.halvs.ldirectord.daemon.ConfigSource;
import org.halvs.piranha.LvsConfig;
import org.halvs.piranha.LvsPlanner;
import org.halvs.piranha.LvsReader;
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

    /**
     * An ldirectord.cf, to be read again and again; host names in it are resolved with each reading.
     *
     * @param own teaches it the site's services, and says how servers come back
     */
    public static ConfigSource source(Path file, HalvsYml own) {
        return new ConfigSource(
                file, new LdirectordReader(new LinuxNameService(), new LinuxConfigFiles(), own.rules()));
    }

    /** Reads an ldirectord.cf once. */
    public static Parsed<LdirectordPlan> read(Path file, HalvsYml own) {
        try {
            return source(file, own).read().result();
        } catch (IOException e) {
            return unreadable(file, e);
        }
    }

    /** Reads an lvs.cf and plans its virtual services. */
    public static Parsed<ServicePlan> readLvs(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            Parsed<LvsConfig> config = new LvsReader(new LinuxNameService())
                    .read(file.toString(), text)
                    .result();
            List<ConfigProblem> problems = new ArrayList<>(config.problems());
            Optional<ServicePlan> plan = config.value().flatMap(value -> {
                Parsed<ServicePlan> planned = LvsPlanner.plan(file.toString(), value);
                problems.addAll(planned.problems());
                return planned.value();
            });
            return new Parsed<>(plan, problems);
        } catch (IOException e) {
            return unreadable(file, e);
        }
    }

    private static <T> Parsed<T> unreadable(Path file, IOException e) {
        String message = Files.exists(file) ? "can't be read: " + e.getMessage() : "is missing";
        String remedy = Files.exists(file) ? "see that root may read it" : "write one; the installed examples show how";
        return new Parsed<>(Optional.empty(), List.of(ConfigProblem.error(file.toString(), 0, "", message, remedy)));
    }
}
