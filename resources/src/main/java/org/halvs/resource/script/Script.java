package org.halvs.resource.script;

import java.nio.file.Path;
import java.util.List;

/**
 * A script that was found for a resource.
 *
 * @param name the agent as haresources names it
 * @param arguments those of haresources
 */
public record Script(ScriptKind kind, Path path, String name, List<String> arguments) {
    public Script {
        arguments = List.copyOf(arguments);
    }
}
