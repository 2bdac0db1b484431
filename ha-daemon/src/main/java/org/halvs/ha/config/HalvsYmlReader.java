package org.halvs.ha.config;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.halvs.dialect.Parsed;
import org.halvs.ipvs.admin.NameService;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.Setting;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Reads halvs.yml. No object is ever made of what it says: the tree of nodes is looked at as it stands. Confined to one thread. */
final class HalvsYmlReader {
    private static final List<String> SECTIONS = List.of(
            "plane",
            "ipvs",
            "connections",
            "connection_sync",
            "marks",
            "marks_from",
            "services",
            "ldirectord",
            "compatibility",
            "resources",
            "witness",
            "fencing",
            "stop_failure");

    /** A table of this many would take 120 GB. */
    private static final int MOST_CONNECTIONS = 1_000_000_000;

    private final YamlProblems problems;
    private final YamlMarks marks;
    private IpvsSettings settings = HalvsYml.DEFAULT.settings();
    private int maxConnections = HalvsYml.DEFAULT.maxConnections();
    private boolean connectionSync = HalvsYml.DEFAULT.connectionSync();
    private final YamlLdirectord ldirectord;
    private ResourceSettings resources = HalvsYml.DEFAULT.resources();
    private final YamlArbitration arbitration;

    private HalvsYmlReader(Path file, NameService names) {
        problems = new YamlProblems(file);
        marks = new YamlMarks(file, problems, names);
        ldirectord = new YamlLdirectord(file, problems);
        arbitration = new YamlArbitration(problems);
    }

    /**
     * Reads a text.
     *
     * @param file its name; the files it names are looked for beside it
     * @param names for ports given by name
     */
    static Parsed<HalvsYml> read(Path file, String text, NameService names) {
        HalvsYmlReader reader = new HalvsYmlReader(file, names);
        reader.document(text);
        HalvsYml read = new HalvsYml(
                reader.settings,
                reader.maxConnections,
                reader.connectionSync,
                reader.marks.rules(),
                reader.ldirectord.plane(),
                reader.ldirectord.rules(),
                reader.ldirectord.clients(),
                reader.resources,
                reader.arbitration.settings());
        return Parsed.of(read, reader.problems.all());
    }

    private void document(String text) {
        try {
            Node root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(text));
            if (root != null) {
                problems.mapping(root, "", "the sections " + String.join(", ", SECTIONS))
                        .forEach(this::section);
            }
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            problems.error(mark == null ? 0 : mark.getLine() + 1, "", "is not YAML: " + e.getProblem(), "");
        } catch (YAMLException e) {
            problems.error(0, "", "is not YAML: " + e.getMessage(), "");
        }
    }

    private void section(ScalarNode key, Node value) {
        switch (key.getValue()) {
            case "ipvs" ->
                problems.mapping(value, "ipvs", "settings of net.ipv4.vs by their kernel names")
                        .forEach(this::setting);
            case "connections" ->
                problems.number(value, "connections", 1, MOST_CONNECTIONS)
                        .ifPresent(number -> maxConnections = Math.toIntExact(number));
            case "connection_sync" -> connectionSync(value);
            case "marks" -> marks.rules(value);
            case "marks_from" -> marks.files(value);
            case "plane" -> ldirectord.plane(value);
            case "services" -> ldirectord.services(value);
            case "ldirectord" -> ldirectord.section(value);
            case "compatibility" -> ldirectord.compatibility(value);
            case "resources" -> resources = new YamlResources(problems).read(value);
            case "witness" -> arbitration.witness(value);
            case "fencing" -> arbitration.fencing(value);
            case "stop_failure" -> arbitration.stopFailure(value);
            default -> problems.unknown(key, SECTIONS);
        }
    }

    private void setting(ScalarNode key, Node value) {
        Optional<String> text = problems.text(value, key.getValue());
        if (text.isEmpty()) {
            return;
        }
        if (Setting.of(key.getValue()).isEmpty()) {
            problems.unknown(key, settingWords());
            return;
        }
        Optional<IpvsSettings> changed = settings.with(key.getValue(), number(text.get()));
        if (changed.isEmpty()) {
            problems.error(value, key.getValue(), "can't be \"" + text.get() + "\"", "the kernel refuses it too");
        }
        changed.ifPresent(wanted -> settings = wanted);
    }

    private void connectionSync(Node value) {
        problems.text(value, "connection_sync").ifPresent(text -> {
            switch (number(text)) {
                case "1" -> connectionSync = true;
                case "0" -> connectionSync = false;
                default -> problems.error(value, "connection_sync", "can't be \"" + text + "\"", "write on or off");
            }
        });
    }

    /** YAML has words for flags, the kernel has none. */
    private static String number(String text) {
        return switch (text) {
            case "true", "yes", "on" -> "1";
            case "false", "no", "off" -> "0";
            default -> text;
        };
    }

    private static List<String> settingWords() {
        return Arrays.stream(Setting.values())
                .map(Setting::word)
                .filter(word -> Setting.of(word).isPresent())
                .toList();
    }
}
