package org.halvs.ha.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.linux.IpAddress;

/**
 * The state of reading one ha.cf, and a method for each kind of directive that has no class of its own, as media ({@link HaCfMedia}), logs ({@link HaCfLog}) and
 * programs ({@link HaCfPrograms}) have. What only the whole file shows is judged by {@link HaCfWhole}.
 */
final class HaCfReader {
    private static final int LONGEST_NODE_NAME = 99;
    private static final List<String> TRUE = List.of("true", "on", "yes", "y", "1");
    private static final List<String> FALSE = List.of("false", "off", "no", "n", "0");
    private static final String SECONDS = "times are 2, 1.7, 1700ms or 90000us";

    private final String file;
    private final HostFacts host;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final List<Directive> directives = new ArrayList<>();
    private final List<String> nodes = new ArrayList<>();
    private final List<Medium> media = new ArrayList<>();
    private final List<PingTarget> pings = new ArrayList<>();
    private final List<Respawn> respawns = new ArrayList<>();
    private final Map<String, Duration> times = new LinkedHashMap<>();
    private int port = 694;
    private int baud = 19200;
    private Optional<AutoFailback> autoFailback = Optional.empty();
    private LogSettings log = new LogSettings(Optional.empty(), Optional.empty(), Optional.empty(), false, 0);

    HaCfReader(String file, HostFacts host) {
        this.file = file;
        this.host = host;
    }

    String file() {
        return file;
    }

    HostFacts host() {
        return host;
    }

    List<ConfigProblem> problems() {
        return problems;
    }

    void remember(Directive line) {
        directives.add(line);
    }

    /** Whether an earlier line has the same directive. */
    boolean repeats(Directive line) {
        return directives.stream()
                .anyMatch(d -> d.line() != line.line() && d.name().equals(line.name()));
    }

    void error(Directive line, String message, String remedy) {
        problems.add(ConfigProblem.error(file, line.line(), line.name(), message, remedy));
    }

    void warning(Directive line, String message, String remedy) {
        problems.add(ConfigProblem.warning(file, line.line(), line.name(), message, remedy));
    }

    void note(Directive line, String message) {
        problems.add(ConfigProblem.note(file, line.line(), line.name(), message));
    }

    boolean mediaSeen() {
        return HaCfWhole.hasUsable(media);
    }

    void medium(Medium medium) {
        media.add(medium);
    }

    int port() {
        return port;
    }

    void port(int udpport) {
        port = udpport;
    }

    int baud() {
        return baud;
    }

    void baud(int bitsPerSecond) {
        baud = bitsPerSecond;
    }

    // --- one method for each kind of directive -----------------------------------------------------------------------

    void nodes(Directive line) {
        for (String word : line.arguments()) {
            String node = word.toLowerCase(Locale.ROOT);
            if (node.length() > LONGEST_NODE_NAME) {
                error(line, "node name [" + word + "] is too long", "99 characters at most");
            } else if (nodes.contains(node)) {
                warning(line, node + " is a node already", "delete it here");
            } else {
                nodes.add(node);
            }
        }
    }

    void time(Directive line) {
        for (String word : line.arguments()) {
            Optional<Duration> time = HaTime.parse(word);
            if (time.isEmpty()) {
                error(line, "\"" + word + "\" is not a time", SECONDS + unitHint(word));
            } else if (time.get().isZero()) {
                error(line, line.name() + " must be greater than 0", SECONDS);
            } else {
                times.put(line.name(), time.get());
            }
        }
    }

    private static String unitHint(String word) {
        if (word.matches("[0-9.]+(s|sec|secs|seconds)")) {
            return "; seconds have no unit: " + word.replaceFirst("[a-z]+", "");
        }
        return word.matches("[a-zA-Z]+") ? "; begin a comment with #" : "";
    }

    /** A time that has no effect, so that only its form can be wrong. */
    void anyTime(Directive line) {
        for (String word : line.arguments()) {
            if (HaTime.parse(word).isEmpty()) {
                error(line, "\"" + word + "\" is not a time", SECONDS);
            }
        }
    }

    void autoFailback(Directive line) {
        for (String word : line.arguments()) {
            Optional<Boolean> flag = bool(word);
            if (word.equalsIgnoreCase("legacy")) {
                autoFailback = Optional.of(AutoFailback.LEGACY);
            } else if (flag.isPresent()) {
                autoFailback = Optional.of(flag.get() ? AutoFailback.ON : AutoFailback.OFF);
            } else {
                error(line, "\"" + word + "\" is not on, off or legacy", "write auto_failback on");
            }
        }
    }

    void niceFailback(Directive line) {
        for (String word : line.arguments()) {
            Optional<Boolean> flag = bool(word);
            if (flag.isEmpty()) {
                error(line, "\"" + word + "\" is not on or off", "use auto_failback on, off or legacy instead");
                continue;
            }
            AutoFailback now = flag.get() ? AutoFailback.OFF : AutoFailback.LEGACY;
            autoFailback = Optional.of(now);
            String name = now.name().toLowerCase(Locale.ROOT);
            // COMPAT: heartbeat logs these two as errors and starts nevertheless
            warning(
                    line,
                    "nice_failback flag is obsolete.. Use auto_failback {on, off, legacy} instead. 'nice_failback "
                            + (flag.get() ? "on" : "off") + "' has been changed to 'auto_failback " + name + "'",
                    "write auto_failback " + name);
        }
    }

    void ping(Directive line) {
        for (String word : line.arguments()) {
            if (pingable(line, word)) {
                pings.add(new PingTarget(word, List.of(word)));
            }
        }
    }

    void pingGroup(Directive line) {
        List<String> words = line.arguments();
        if (words.size() < 2) {
            error(line, "a ping group needs a name and addresses", "write ping_group name address address ...");
            return;
        }
        List<String> addresses = words.subList(1, words.size());
        if (addresses.stream().filter(a -> pingable(line, a)).count() == addresses.size()) {
            pings.add(new PingTarget(words.getFirst(), addresses));
        }
    }

    private boolean pingable(Directive line, String word) {
        boolean looksLikeAddress = word.matches("[0-9.]+") || word.contains(":");
        boolean fine = IpAddress.parse(word).isPresent() || (!looksLikeAddress && host.resolves(word));
        if (!fine) {
            error(line, "unknown host: " + word, "write an address, or a name that resolves");
        }
        return fine;
    }

    void watchdog(Directive line) {
        if (repeats(line)) {
            error(line, "Watchdog device multiply specified.", "keep one watchdog line");
        }
    }

    void flag(Directive line) {
        flagged(line);
    }

    /** Whether all words of the line are true or false; complains when they are not. */
    boolean flagged(Directive line) {
        for (String word : line.arguments()) {
            if (bool(word).isEmpty()) {
                error(line, "\"" + word + "\" is neither true nor false", "on, yes, true, 1; off, no, false, 0");
                return false;
            }
        }
        return true;
    }

    void byteRange(Directive line) {
        for (String word : line.arguments()) {
            if (HaCfMedia.number(word, 0, 255).isEmpty()) {
                error(line, "\"" + word + "\" is not a number of 0 to 255", "the default is 1");
            }
        }
    }

    void count(Directive line) {
        for (String word : line.arguments()) {
            if (HaCfMedia.number(word, 0, Integer.MAX_VALUE).isEmpty()) {
                error(line, "\"" + word + "\" is not a number", "write a number of 0 or more");
            }
        }
    }

    void realtimePriority(Directive line) {
        for (String word : line.arguments()) {
            if (HaCfMedia.number(word, 1, 99).isEmpty()) {
                error(line, "Illegal realtime priority [" + word + "]", "1 to 99");
            }
        }
    }

    void generationMethod(Directive line) {
        oneOf(line, List.of("file", "time"), "Illegal hb generation method [%s]");
    }

    void uuidSource(Directive line) {
        oneOf(line, List.of("file", "nodename"), "Illegal uuid source [%s]");
    }

    void messageFormat(Directive line) {
        oneOf(line, List.of("classic", "netstring"), "Illegal message format [%s]");
    }

    void compression(Directive line) {
        oneOf(line, List.of("zlib", "bz2"), "Illegal compression method [%s]");
    }

    private void oneOf(Directive line, List<String> words, String message) {
        for (String word : line.arguments()) {
            if (!words.contains(word)) {
                error(line, message.formatted(word), "write " + String.join(" or ", words));
            }
        }
    }

    void autojoin(Directive line) {
        oneOf(line, List.of("none", "other", "any"), "Illegal autojoin value [%s]");
        if (!line.arguments().getLast().equals("none")) {
            error(
                    line,
                    "R1 style resource management conflicts with  autojoin set",
                    "name all nodes with node and delete the line");
        }
    }

    void crm(Directive line) {
        if (repeats(line)) {
            error(line, line.name() + " multiply specified.", "keep one line");
        }
        boolean off = line.arguments().stream().allMatch(w -> bool(w).equals(Optional.of(false)));
        if (!off) {
            error(
                    line,
                    "HALVS runs haresources clusters; this file is of a Pacemaker cluster",
                    "delete the line when the resources stand in haresources; else stay with Pacemaker");
        }
    }

    /** What a word for true or false means; empty for another word. */
    static Optional<Boolean> bool(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return TRUE.contains(lower) ? Optional.of(true) : FALSE.contains(lower) ? Optional.of(false) : Optional.empty();
    }

    LogSettings log() {
        return log;
    }

    void log(LogSettings settings) {
        log = settings;
    }

    void respawn(Respawn program) {
        respawns.add(program);
    }

    /** What was read, with what only the whole file shows. */
    Parsed<ClusterConfig> finish() {
        HaCfWhole whole = new HaCfWhole(file, directives, problems);
        whole.checkNodes(nodes, host);
        whole.checkMedia(media);
        Timing timing = whole.timing(times);
        AutoFailback failback = autoFailback.orElse(AutoFailback.LEGACY);
        whole.checkFailback(failback);
        return Parsed.of(new ClusterConfig(nodes, timing, media, pings, failback, log, respawns, directives), problems);
    }
}
