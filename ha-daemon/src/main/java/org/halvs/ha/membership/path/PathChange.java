package org.halvs.ha.membership.path;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.Timing;

/**
 * Other nodes, paths and times for a thread {@code paths} that runs.
 *
 * @param opened ports that are not among those open already, in their new places; they are the thread's from now on
 * @param done completes when the change is in effect
 */
record PathChange(
        Roster roster, Timing timing, List<PathSpec> paths, List<PathPort> opened, CompletableFuture<PathLoop> done) {
    PathChange {
        paths = List.copyOf(paths);
        opened = List.copyOf(opened);
    }

    static PathChange to(ClusterConfig config, String localNode, List<PathPort> opened) {
        return new PathChange(
                new Roster(config.nodes(), localNode),
                config.timing(),
                PathSpec.of(config.media()),
                opened,
                new CompletableFuture<>());
    }

    /** For each peer its number in {@code former}, {@link Roster#NOBODY} when it is new. */
    int[] formerPeers(Roster former) {
        int[] numbers = new int[roster.size()];
        for (int peer = 0; peer < numbers.length; peer++) {
            numbers[peer] = former.indexOf(roster.key(peer));
        }
        return numbers;
    }

    /** For each path its number among {@code former}, -1 when its interface is new. */
    int[] formerPaths(List<PathSpec> former) {
        List<String> links = former.stream().map(PathSpec::link).toList();
        return paths.stream().mapToInt(path -> links.indexOf(path.link())).toArray();
    }

    /** All ports of the changed paths: those that stay keep their sockets, those that are no more are closed. */
    List<PathPort> ports(List<PathPort> former) {
        List<PathPort> ports = new ArrayList<>();
        List<PathPort> known = new ArrayList<>(former);
        known.addAll(opened);
        for (int path = 0; path < paths.size(); path++) {
            for (PathSpec.PortSpec spec : paths.get(path).ports()) {
                PathPort port = known.stream()
                        .filter(candidate -> candidate.isPort(spec))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("nobody opened " + spec));
                port.move(path, spec);
                ports.add(port);
            }
        }
        known.stream().filter(port -> !ports.contains(port)).forEach(PathPort::close);
        return ports;
    }
}
