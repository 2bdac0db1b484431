package org.halvs.ha.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.check.Service;
import org.halvs.check.protocol.ClientSettings;
import org.halvs.director.OldBehaviour;
import org.halvs.director.Recovery;
import org.halvs.ldirectord.SiteRules;
import org.halvs.ldirectord.cli.PlaneChoice;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The sections of halvs.yml about ldirectord: plane, services, ldirectord, compatibility. Confined to one thread. */
final class YamlLdirectord {
    private static final List<String> KEYS =
            List.of("successcount", "slowstart", "startpercent", "verify_certificates", "certificate_authorities");
    private static final String USER_AGENT = "user_agent";
    private static final long LONGEST_SLOW_START_SECONDS = 86_400;

    private final Path file;
    private final YamlProblems problems;
    private final Map<String, String> services = new LinkedHashMap<>();
    private final Set<OldBehaviour> kept = EnumSet.noneOf(OldBehaviour.class);
    private Optional<PlaneChoice> plane = Optional.empty();
    private Recovery recovery = Recovery.AT_ONCE;
    private SiteRules.Verified verified = SiteRules.Verified.NONE;
    private Optional<Path> authorities = Optional.empty();
    private String userAgent = ClientSettings.DEFAULT.userAgent();

    /** @param file its name; the files it names are looked for beside it */
    YamlLdirectord(Path file, YamlProblems problems) {
        this.file = file;
        this.problems = problems;
    }

    Optional<PlaneChoice> plane() {
        return plane;
    }

    SiteRules rules() {
        return new SiteRules(services, recovery, verified, kept);
    }

    ClientSettings clients() {
        return new ClientSettings(userAgent, kept.contains(OldBehaviour.FTP_ACTIVE), authorities);
    }

    void plane(Node value) {
        problems.text(value, "plane").ifPresent(word -> {
            plane = PlaneChoice.of(word);
            if (plane.isEmpty()) {
                problems.error(
                        value,
                        "plane",
                        "\"" + word + "\" is no plane",
                        "write " + String.join(" or ", PlaneChoice.WORDS));
            }
        });
    }

    void services(Node value) {
        problems.mapping(value, "services", "names of services and the programs that check them")
                .forEach(this::siteService);
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
                services.put(key.getValue(), command.get());
            }
        }
    }

    void section(Node section) {
        int successCount = recovery.successCount();
        Duration slowStart = recovery.slowStart();
        int startPercent = recovery.startPercent();
        for (Map.Entry<ScalarNode, Node> entry :
                problems.mapping(section, "ldirectord", String.join(", ", KEYS)).entrySet()) {
            String word = entry.getKey().getValue();
            Node value = entry.getValue();
            switch (word) {
                case "successcount" ->
                    successCount = problems.number(value, word, 1, 1000)
                            .map(Math::toIntExact)
                            .orElse(successCount);
                case "slowstart" -> slowStart = seconds(value).orElse(slowStart);
                case "startpercent" ->
                    startPercent = problems.number(value, word, 1, 100)
                            .map(Math::toIntExact)
                            .orElse(startPercent);
                case "verify_certificates" -> verified(value);
                case "certificate_authorities" -> authorities(value);
                default -> problems.unknown(entry.getKey(), KEYS);
            }
        }
        recovery = new Recovery(successCount, slowStart, startPercent);
        if (slowStart.isPositive() && startPercent == 100) {
            recovery = new Recovery(successCount, slowStart, 10); // from the full weight there is nothing to rise to
        }
    }

    /** Seconds, or {@code 30s} or {@code 2m}. */
    private Optional<Duration> seconds(Node node) {
        Optional<String> text = problems.text(node, "slowstart");
        Optional<Duration> duration = text.filter(word -> word.matches("[0-9]{1,6}(ms|s|m)?"))
                .map(word -> {
                    long number = Long.parseLong(word.replaceAll("[a-z]", ""));
                    return word.endsWith("ms")
                            ? Duration.ofMillis(number)
                            : word.endsWith("m") ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
                });
        if (text.isPresent()
                && duration.filter(d -> d.toSeconds() <= LONGEST_SLOW_START_SECONDS)
                        .isEmpty()) {
            problems.error(
                    node, "slowstart", "\"" + text.get() + "\" is not a time of 0 to one day", "write 30s or 2m");
            return Optional.empty();
        }
        return duration;
    }

    /** A flag, or the services as ldirectord.cf names them. */
    private void verified(Node value) {
        List<Node> all = problems.list(value);
        if (all.size() == 1) {
            Optional<Boolean> flag =
                    problems.text(all.getFirst(), "verify_certificates").flatMap(YamlLdirectord::flag);
            if (flag.isPresent()) {
                verified = new SiteRules.Verified(flag.get(), Set.of());
                return;
            }
        }
        Set<String> names = new LinkedHashSet<>();
        for (Node each : all) {
            problems.text(each, "verify_certificates").ifPresent(name -> {
                if (name.matches("[0-9]+|[0-9.]+:[0-9]+|\\[[0-9a-fA-F:.]+\\]:[0-9]+")) {
                    names.add(name);
                } else {
                    problems.error(
                            each,
                            "verify_certificates",
                            "\"" + name + "\" is no virtual service",
                            "write yes, no, or addresses with ports as in virtual=: 192.0.2.10:443");
                }
            });
        }
        verified = new SiteRules.Verified(false, names);
    }

    private void authorities(Node value) {
        problems.text(value, "certificate_authorities").ifPresent(name -> {
            Path path = file.resolveSibling(name);
            if (Files.isReadable(path)) {
                authorities = Optional.of(path);
            } else {
                problems.error(
                        value, "certificate_authorities", path + " can't be read", "name a file of certificates (PEM)");
            }
        });
    }

    /** The old behaviours a site wants kept. */
    void compatibility(Node section) {
        for (Map.Entry<ScalarNode, Node> entry : problems.mapping(section, "compatibility", "switches: yes or no")
                .entrySet()) {
            String word = entry.getKey().getValue();
            Node value = entry.getValue();
            Optional<OldBehaviour> behaviour = OldBehaviour.of(word);
            if (word.equals(USER_AGENT)) {
                userAgent(value);
            } else if (behaviour.isEmpty()) {
                problems.unknown(entry.getKey(), words());
            } else {
                Optional<String> text = problems.text(value, word);
                Optional<Boolean> flag = text.flatMap(YamlLdirectord::flag);
                if (flag.isPresent()) {
                    boolean _ = flag.get() ? kept.add(behaviour.get()) : kept.remove(behaviour.get());
                } else if (text.isPresent()) {
                    problems.error(value, word, "\"" + text.get() + "\" is neither yes nor no", "");
                }
            }
        }
    }

    private void userAgent(Node value) {
        problems.text(value, USER_AGENT).ifPresent(text -> {
            if (text.isEmpty() || text.chars().anyMatch(c -> c < ' ' || c > '~')) {
                problems.error(value, USER_AGENT, "has to be printable ASCII", "");
            } else {
                userAgent = text;
            }
        });
    }

    private static List<String> words() {
        List<String> words = new ArrayList<>(List.of(USER_AGENT));
        for (OldBehaviour behaviour : OldBehaviour.values()) {
            words.add(behaviour.word());
        }
        return words;
    }

    private static Optional<Boolean> flag(String text) {
        return switch (text) {
            case "yes", "true", "on" -> Optional.of(true);
            case "no", "false", "off" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
