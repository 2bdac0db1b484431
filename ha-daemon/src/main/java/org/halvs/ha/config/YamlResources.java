package org.halvs.ha.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.resource.address.AnnounceRounds;
import org.halvs.resource.script.ScriptLimits;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The section {@code resources} of halvs.yml. Confined to one thread. */
final class YamlResources {
    private static final List<String> WORDS = List.of(
            "monitor",
            "start_limit",
            "stop_limit",
            "status_limit",
            "arp_count",
            "arp_interval",
            "arp_refresh",
            "former_mac",
            "mail_server");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final YamlProblems problems;
    private Duration start = ResourceSettings.DEFAULT.limits().start();
    private Duration stop = ResourceSettings.DEFAULT.limits().stop();
    private Duration status = ResourceSettings.DEFAULT.limits().status();
    private Optional<Duration> monitor = ResourceSettings.DEFAULT.monitor();
    private int arpCount = ResourceSettings.DEFAULT.announcements().count();
    private Duration arpInterval = ResourceSettings.DEFAULT.announcements().interval();
    private Optional<String> mailServer = ResourceSettings.DEFAULT.mailServer();
    private Optional<Duration> arpRefresh =
            ResourceSettings.DEFAULT.announcements().refresh();

    private Optional<Duration> formerMac = ResourceSettings.DEFAULT.formerMac();

    YamlResources(YamlProblems problems) {
        this.problems = problems;
    }

    ResourceSettings read(Node section) {
        problems.mapping(section, "resources", String.join(", ", WORDS)).forEach(this::setting);
        return new ResourceSettings(
                new ScriptLimits(start, stop, status),
                monitor,
                new AnnounceRounds(arpCount, arpInterval, arpRefresh),
                formerMac,
                mailServer);
    }

    private void setting(ScalarNode key, Node value) {
        String word = key.getValue();
        switch (word) {
            case "monitor" -> monitor = orNever(value, word, Duration.ofSeconds(1), DAY, monitor);
            case "start_limit" -> start = limit(value, word, start);
            case "stop_limit" -> stop = limit(value, word, stop);
            case "status_limit" -> status = limit(value, word, status);
            case "arp_count" ->
                problems.number(value, word, 1, AnnounceRounds.MOST).ifPresent(count -> arpCount = count.intValue());
            case "arp_interval" ->
                arpInterval = problems.duration(
                                value, word, AnnounceRounds.SHORTEST_INTERVAL, AnnounceRounds.LONGEST_INTERVAL)
                        .orElse(arpInterval);
            case "arp_refresh" -> arpRefresh = orNever(value, word, Duration.ofSeconds(1), DAY, arpRefresh);
            case "former_mac" -> formerMac = orNever(value, word, Duration.ofSeconds(1), HOUR, formerMac);
            case "mail_server" -> mailServer = problems.text(value, word).filter(text -> !text.isEmpty());
            default -> problems.unknown(key, WORDS);
        }
    }

    private Duration limit(Node value, String word, Duration otherwise) {
        return problems.duration(value, word, Duration.ofSeconds(1), HOUR).orElse(otherwise);
    }

    /** A time, or {@code off}. */
    private Optional<Duration> orNever(
            Node value, String word, Duration lowest, Duration highest, Optional<Duration> otherwise) {
        Optional<String> text = problems.text(value, word);
        if (text.isEmpty()) {
            return otherwise;
        }
        return List.of("off", "no", "false", "never", "0").contains(text.get())
                ? Optional.empty()
                : problems.duration(value, word, lowest, highest).or(() -> otherwise);
    }
}
