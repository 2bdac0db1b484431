package org.halvs.ha.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.DidYouMean;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** The problems of one YAML file, and the ways of asking a node what it is that find them. Confined to one thread. */
final class YamlProblems {
    private final Path file;
    private final List<ConfigProblem> problems = new ArrayList<>();

    YamlProblems(Path file) {
        this.file = file;
    }

    /** In the order of the file's lines; those of files it names come last. */
    List<ConfigProblem> all() {
        return problems.stream()
                .sorted(Comparator.comparingInt(
                        problem -> problem.file().equals(file.toString()) ? problem.line() : Integer.MAX_VALUE))
                .toList();
    }

    void error(Node at, String directive, String message, String remedy) {
        error(line(at), directive, message, remedy);
    }

    void error(int line, String directive, String message, String remedy) {
        problems.add(ConfigProblem.error(file.toString(), line, directive, message, remedy));
    }

    void add(ConfigProblem problem) {
        problems.add(problem);
    }

    static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    /** The keys of a mapping, each once. */
    Map<ScalarNode, Node> mapping(Node node, String directive, String expected) {
        Map<ScalarNode, Node> entries = new LinkedHashMap<>();
        if (node.getTag().equals(Tag.NULL)) {
            return entries; // a key with nothing behind it, as when all that stood there is commented out
        }
        if (!(node instanceof MappingNode mapping)) {
            error(node, directive, "expected " + expected, "write each on a line of its own, indented: key: value");
            return entries;
        }
        List<String> seen = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                error(tuple.getKeyNode(), directive, "a key has to be one word", "");
            } else if (seen.contains(key.getValue())) {
                error(key, key.getValue(), "stands here a second time", "keep one of the two");
            } else {
                seen.add(key.getValue());
                entries.put(key, tuple.getValueNode());
            }
        }
        return entries;
    }

    /** The elements of a list; a single value is a list of one. */
    List<Node> list(Node node) {
        if (node.getTag().equals(Tag.NULL)) {
            return List.of();
        }
        return node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
    }

    /** A single value as it is written. */
    Optional<String> text(Node node, String directive) {
        if (node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
            return Optional.of(scalar.getValue().strip());
        }
        error(node, directive, "expected one value", "");
        return Optional.empty();
    }

    /** A whole number in a range, both ends included. */
    Optional<Long> number(Node node, String directive, long lowest, long highest) {
        Optional<String> text = text(node, directive);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            long number = Long.decode(text.get().replace("_", ""));
            if (number >= lowest && number <= highest) {
                return Optional.of(number);
            }
        } catch (NumberFormatException _) {
            // said below
        }
        error(node, directive, "\"" + text.get() + "\" is not a number of " + lowest + " to " + highest, "");
        return Optional.empty();
    }

    /** A number of seconds, or {@code 200ms}, {@code 30s} or {@code 2m}; both ends of the range are included. */
    Optional<Duration> duration(Node node, String directive, Duration lowest, Duration highest) {
        Optional<String> text = text(node, directive);
        Optional<Duration> duration = text.filter(word -> word.matches("[0-9]{1,9}(ms|s|m)?"))
                .map(word -> {
                    long number = Long.parseLong(word.replaceAll("[a-z]", ""));
                    return word.endsWith("ms")
                            ? Duration.ofMillis(number)
                            : word.endsWith("m") ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
                })
                .filter(time -> time.compareTo(lowest) >= 0 && time.compareTo(highest) <= 0);
        if (text.isPresent() && duration.isEmpty()) {
            error(
                    node,
                    directive,
                    "\"" + text.get() + "\" is not a time of " + words(lowest) + " to " + words(highest),
                    "write 30s or 2m");
        }
        return duration;
    }

    private static String words(Duration time) {
        if (time.isZero()) {
            return "0";
        }
        if (time.equals(Duration.ofDays(1))) {
            return "one day";
        }
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
    }

    /** Says that a key is not known, and which one is probably meant. */
    void unknown(ScalarNode key, Collection<String> known) {
        String remedy = DidYouMean.among(known, key.getValue())
                .map(meant -> "did you mean " + meant + "?")
                .orElseGet(() -> "known here: " + String.join(", ", known));
        error(key, key.getValue(), "is not known", remedy);
    }
}
