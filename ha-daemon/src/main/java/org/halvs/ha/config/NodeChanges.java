package org.halvs.ha.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code hb_addnode} and {@code hb_delnode} changed about the node lines of ha.cf. The file stays as its administrator wrote it; this goes on top of it, on
 * every node the same. Immutable.
 *
 * @param version greater than that of every earlier change; 0 for no change ever
 * @param added names in lower case, in the order in which they were added
 * @param removed likewise; of no node that was added
 */
public record NodeChanges(long version, List<String> added, List<String> removed) {
    public static final NodeChanges NONE = new NodeChanges(0, List.of(), List.of());

    public NodeChanges {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
    }

    /** These nodes are nodes too. */
    public NodeChanges add(List<String> nodes, long nowMillis) {
        return new NodeChanges(after(nowMillis), with(without(added, nodes), nodes), without(removed, nodes));
    }

    /** These nodes are none any more. */
    public NodeChanges remove(List<String> nodes, long nowMillis) {
        return new NodeChanges(after(nowMillis), without(added, nodes), with(without(removed, nodes), nodes));
    }

    private long after(long nowMillis) {
        return Math.max(nowMillis, version + 1);
    }

    private static List<String> with(List<String> all, List<String> more) {
        List<String> result = new ArrayList<>(all);
        result.addAll(more);
        return result;
    }

    private static List<String> without(List<String> all, List<String> those) {
        return all.stream().filter(node -> !those.contains(node)).toList();
    }

    /** The nodes of a file with these changes on top: the same on all nodes that have the same node lines. */
    public ClusterConfig applyTo(ClusterConfig config) {
        Set<String> nodes = new LinkedHashSet<>();
        config.directives().stream()
                .filter(line -> line.name().equals("node"))
                .flatMap(line -> line.arguments().stream())
                .map(node -> node.toLowerCase(Locale.ROOT))
                .forEach(nodes::add);
        nodes.removeAll(removed);
        nodes.addAll(added);
        return config.withNodes(List.copyOf(nodes));
    }

    /** As {@link #parse} reads it: lines of a word and a value. */
    public String text() {
        StringBuilder text = new StringBuilder("version ").append(version).append('\n');
        added.forEach(node -> text.append("added ").append(node).append('\n'));
        removed.forEach(node -> text.append("removed ").append(node).append('\n'));
        return text.toString();
    }

    /** Reads {@link #text}; empty for what is none. */
    public static Optional<NodeChanges> parse(String text) {
        long version = 0;
        List<String> added = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
            String[] words = line.split(" ", -1);
            if (words.length != 2 || words[1].isEmpty()) {
                return Optional.empty();
            }
            switch (words[0]) {
                case "version" -> {
                    if (!words[1].matches("[0-9]{1,18}")) {
                        return Optional.empty();
                    }
                    version = Long.parseLong(words[1]);
                }
                case "added" -> added.add(words[1]);
                case "removed" -> removed.add(words[1]);
                default -> {
                    return Optional.empty();
                }
            }
        }
        return version == 0 ? Optional.empty() : Optional.of(new NodeChanges(version, added, removed));
    }
}
