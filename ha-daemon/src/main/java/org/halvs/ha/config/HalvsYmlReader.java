package org.halvs.ha.config;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.check.Service;
import org.halvs.dialect.Parsed;
import org.halvs.director.Recovery;
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
    private static final List<String> SECTIONS =
            List.of("ipvs", "connections", "marks", "marks_from", "services", "ldirectord", "resources");
    private static final List<String> RECOVERY = List.of("successcount", "slowstart", "startpercent");

    /** A table of this many would take 120 GB. */
    private static final int MOST_CONNECTIONS = 1_000_000_000;

    private static final Duration LONGEST_SLOW_START = Duration.ofDays(1);

    private final YamlProblems problems;
    private final YamlMarks marks;
    private IpvsSettings settings = HalvsYml.DEFAULT.settings();
    private int maxConnections = HalvsYml.DEFAULT.maxConnections();
    private final Map<String, String> siteServices = new LinkedHashMap<>();
    private Recovery recovery = HalvsYml.DEFAULT.recovery();
    private ResourceSettings resources = HalvsYml.DEFAULT.resources();

    private HalvsYmlReader(Path file, NameService names) {
        problems = new YamlProblems(file);
        marks = new YamlMarks(file, problems, names);
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
                reader.marks.rules(),
                reader.siteServices,
                reader.recovery,
                reader.resources);
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
            case "marks" -> marks.rules(value);
            case "marks_from" -> marks.files(value);
            case "services" ->
                problems.mapping(value, "services", "names of services and the programs that check them")
                        .forEach(this::siteService);
            case "ldirectord" -> recovery(value);
            case "resources" -> resources = new YamlResources(problems).read(value);
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

    private void siteService(ScalarNode key, Node value) {
        Optional<String> command = problems.text(value, key.getValue());
        if (Service.of(key.getValue()).isPresent()) {
            problems.error(key, key.getValue(), "is a service that is known already", "choose another name");
        } else if (command.isPresent()) {
            String program = command.get().split("\\s+", 2)[0];
            if (!program.startsWith("/")) {
                problems.error(value, key.getValue(), "\"" + program + "\" is not a full path", "begin it with /");
            } else if (!Files.isExecutable(Path.of(program))) {
                problems.error(
                        value, key.getValue(), program + " is not there or not executable", "chmod +x " + program);
            } else {
                siteServices.put(key.getValue(), command.get());
            }
        }
    }

    private void recovery(Node section) {
        int successCount = recovery.successCount();
        Duration slowStart = recovery.slowStart();
        int startPercent = recovery.startPercent();
        for (Map.Entry<ScalarNode, Node> entry : problems.mapping(section, "ldirectord", "successcount, slowstart")
                .entrySet()) {
            String word = entry.getKey().getValue();
            switch (word) {
                case "successcount" ->
                    successCount = problems.number(entry.getValue(), word, 1, 1000)
                            .map(Math::toIntExact)
                            .orElse(successCount);
                case "slowstart" ->
                    slowStart = problems.duration(entry.getValue(), word, Duration.ZERO, LONGEST_SLOW_START)
                            .orElse(slowStart);
                case "startpercent" ->
                    startPercent = problems.number(entry.getValue(), word, 1, 100)
                            .map(Math::toIntExact)
                            .orElse(startPercent);
                default -> problems.unknown(entry.getKey(), RECOVERY);
            }
        }
        recovery = new Recovery(successCount, slowStart, startPercent);
        if (slowStart.isPositive() && startPercent == 100) {
            recovery = new Recovery(successCount, slowStart, 10); // from the full weight there is nothing to rise to
        }
    }
}
