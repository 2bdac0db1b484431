package org.halvs.resource.script;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.halvs.resource.ResourceSpec;

/**
 * Finds the script of a resource: a regular, executable file of the agent's name, first where heartbeat keeps its own,
 * then among the init scripts (both as heartbeat did), then among the OCF agents.
 *
 * @param resourceDirectory {@code ETC/resource.d}
 * @param initDirectory {@code /etc/init.d}
 * @param ocfRoot {@code /usr/lib/ocf}
 */
public record ScriptLookup(Path resourceDirectory, Path initDirectory, Path ocfRoot) {
    private static final Path PROVIDER = Path.of("resource.d", "heartbeat");

    /** Where scripts stand on a usual system. */
    public static ScriptLookup under(Path etc) {
        return new ScriptLookup(etc.resolve("resource.d"), Path.of("/etc/init.d"), Path.of("/usr/lib/ocf"));
    }

    /** What the search gave. */
    public sealed interface Result {

        /** There is a script. */
        record Found(Script script) implements Result {}

        /**
         * There is none.
         *
         * @param message where it was looked for, and what stood there that can't be run
         */
        record Missing(String message) implements Result {}
    }

    public Result find(ResourceSpec resource) {
        String name = resource.agent();
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.startsWith(".")) {
            return new Result.Missing("'" + name + "' is not the name of a resource script");
        }
        List<String> unusable = new ArrayList<>();
        for (ScriptKind kind : ScriptKind.values()) {
            Path path = directory(kind).resolve(name);
            if (Files.isRegularFile(path) && Files.isExecutable(path)) {
                return new Result.Found(new Script(kind, path, name, resource.arguments()));
            }
            if (Files.exists(path)) {
                unusable.add(path + (Files.isDirectory(path) ? " is a directory" : " is not executable (chmod +x)"));
            }
        }
        return new Result.Missing("no script " + name + " in " + resourceDirectory + ", " + initDirectory + " or "
                + ocfRoot.resolve(PROVIDER) + (unusable.isEmpty() ? "" : "; " + String.join(", ", unusable)));
    }

    private Path directory(ScriptKind kind) {
        return switch (kind) {
            case HEARTBEAT -> resourceDirectory;
            case LSB -> initDirectory;
            case OCF -> ocfRoot.resolve(PROVIDER);
        };
    }
}
