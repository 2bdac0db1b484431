package org.halvs.ha.config;

import java.util.List;
import java.util.Optional;

/**
 * What ha.cf says. Immutable.
 *
 * @param nodes in lower case, in the order of the file, each once
 * @param media in the order of the file
 * @param directives every line of the file that names a known directive, in order
 */
public record ClusterConfig(
        List<String> nodes,
        Timing timing,
        List<Medium> media,
        List<PingTarget> pings,
        AutoFailback autoFailback,
        LogSettings log,
        List<Respawn> respawns,
        List<Directive> directives) {
    public ClusterConfig {
        nodes = List.copyOf(nodes);
        media = List.copyOf(media);
        pings = List.copyOf(pings);
        respawns = List.copyOf(respawns);
        directives = List.copyOf(directives);
    }

    /** The same with other nodes. */
    public ClusterConfig withNodes(List<String> others) {
        return new ClusterConfig(others, timing, media, pings, autoFailback, log, respawns, directives);
    }

    /** The last line with this directive, which is the one that counts for directives with one value. */
    public Optional<Directive> directive(String name) {
        return directives.reversed().stream().filter(d -> d.name().equals(name)).findFirst();
    }
}
