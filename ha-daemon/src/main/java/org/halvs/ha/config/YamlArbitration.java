package org.halvs.ha.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.ha.config.ArbitrationSettings.Ipmi;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The sections {@code witness}, {@code fencing} and {@code stop_failure} of halvs.yml. Confined to one thread. */
final class YamlArbitration {
    private static final List<String> FENCING = List.of("command", "limit", "ipmi");
    private static final List<String> IPMI = List.of("host", "user", "password_file");
    private static final long LONGEST_LIMIT_SECONDS = 3_600;

    private final YamlProblems problems;
    private Optional<String> witness = ArbitrationSettings.DEFAULT.witness();
    private Optional<String> command = ArbitrationSettings.DEFAULT.fencingCommand();
    private Duration limit = ArbitrationSettings.DEFAULT.fencingLimit();
    private final Map<String, Ipmi> ipmi = new LinkedHashMap<>();
    private String stopFailure = ArbitrationSettings.DEFAULT.stopFailure();

    YamlArbitration(YamlProblems problems) {
        this.problems = problems;
    }

    ArbitrationSettings settings() {
        return new ArbitrationSettings(witness, command, limit, ipmi, stopFailure);
    }

    void witness(Node section) {
        problems.mapping(section, "witness", "the name of a node: node: NAME").forEach((key, value) -> {
            if (key.getValue().equals("node")) {
                witness = problems.text(value, "node");
            } else {
                problems.unknown(key, List.of("node"));
            }
        });
    }

    void stopFailure(Node value) {
        problems.text(value, "stop_failure").ifPresent(word -> {
            if (ArbitrationSettings.STOP_FAILURES.contains(word)) {
                stopFailure = word;
            } else {
                problems.error(
                        value,
                        "stop_failure",
                        "can't be \"" + word + "\"",
                        "write " + String.join(", ", ArbitrationSettings.STOP_FAILURES));
            }
        });
    }

    void fencing(Node section) {
        problems.mapping(section, "fencing", String.join(", ", FENCING)).forEach((key, value) -> {
            switch (key.getValue()) {
                case "command" -> command(value);
                case "limit" ->
                    problems.number(value, "limit", 1, LONGEST_LIMIT_SECONDS)
                            .ifPresent(seconds -> limit = Duration.ofSeconds(seconds));
                case "ipmi" ->
                    problems.mapping(value, "ipmi", "nodes and their controllers")
                            .forEach(this::ipmi);
                default -> problems.unknown(key, FENCING);
            }
        });
    }

    private void command(Node value) {
        command = problems.text(value, "command");
        command.ifPresent(program -> {
            if (!program.startsWith("/")) {
                problems.error(value, "command", "\"" + program + "\" is not a full path", "begin it with /");
            } else if (!Files.isExecutable(Path.of(program))) {
                problems.error(
                        value,
                        "command",
                        program + " is not there or not executable",
                        "install it, or chmod +x " + program + "; it gets the name of the node as its only argument");
            }
        });
    }

    private void ipmi(ScalarNode node, Node value) {
        Map<String, String> words = new LinkedHashMap<>();
        problems.mapping(value, "ipmi", String.join(", ", IPMI)).forEach((key, word) -> {
            if (IPMI.contains(key.getValue())) {
                problems.text(word, key.getValue()).ifPresent(text -> words.put(key.getValue(), text));
            } else {
                problems.unknown(key, IPMI);
            }
        });
        List<String> missing =
                IPMI.stream().filter(word -> !words.containsKey(word)).toList();
        if (!missing.isEmpty()) {
            problems.error(value, node.getValue(), "lacks " + String.join(", ", missing), "");
            return;
        }
        ipmi.put(
                node.getValue(),
                new Ipmi(
                        words.getOrDefault("host", ""),
                        words.getOrDefault("user", ""),
                        words.getOrDefault("password_file", "")));
    }
}
