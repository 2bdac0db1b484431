package org.halvs.ha.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.DidYouMean;

/** Judges of an ha.cf what no line of it shows by itself, and fills in heartbeat's defaults. */
final class HaCfWhole {
    private static final int MOST_NODES = 100;
    private static final int MOST_MEDIA = 64;

    private final String file;
    private final List<Directive> directives;
    private final List<ConfigProblem> problems;

    /** @param problems those of the lines; what is found is added to them */
    HaCfWhole(String file, List<Directive> directives, List<ConfigProblem> problems) {
        this.file = file;
        this.directives = directives;
        this.problems = problems;
    }

    /** Whether there is a medium HALVS can use. */
    static boolean hasUsable(List<Medium> media) {
        return media.stream().anyMatch(m -> !(m instanceof Medium.Serial));
    }

    void checkNodes(List<String> nodes, HostFacts host) {
        if (nodes.isEmpty()) {
            fileError("node", "no nodes defined", "write a node line with the names of both nodes");
        }
        if (nodes.size() > MOST_NODES) {
            fileError("node", nodes.size() + " nodes", "100 nodes at most");
        }
        host.nodeName()
                .map(n -> n.toLowerCase(Locale.ROOT))
                .filter(n -> !nodes.contains(n))
                .ifPresent(name -> {
                    String meant = DidYouMean.among(nodes, name)
                            .map(n -> " Did you mean " + name + " where it says " + n + "?")
                            .orElse("");
                    fileError(
                            "node",
                            "Current node [" + name + "] not in configuration!",
                            "By default, cluster nodes are named by `uname -n` and must be declared with a 'node' directive in the"
                                    + " ha.cf file." + meant);
                });
    }

    void checkMedia(List<Medium> media) {
        if (media.isEmpty()) {
            fileError("", "No heartbeat media defined", "write a ucast, bcast or mcast line for each path to the peer");
        } else if (!hasUsable(media) && problems.stream().noneMatch(ConfigProblem::isError)) {
            fileError("serial", "no medium HALVS can use: serial lines are all there is", "add a ucast or bcast line");
        }
        if (media.size() > MOST_MEDIA) {
            fileError("", media.size() + " media", "64 at most");
        }
    }

    /** heartbeat's defaults: deadtime 30 s, warntime half of it, initdead in steps, deadping as deadtime. */
    Timing timing(Map<String, Duration> times) {
        Duration keepalive = times.getOrDefault("keepalive", Duration.ofSeconds(1));
        Duration deadtime = times.getOrDefault("deadtime", Duration.ofSeconds(30));
        Duration deadping = times.getOrDefault("deadping", deadtime);
        Duration warntime = times.getOrDefault("warntime", deadtime.dividedBy(2));
        Duration initdead = times.getOrDefault("initdead", initdeadFor(deadtime));
        String keepaliveMillis = "keeplive [" + keepalive.toMillis() + "]"; // COMPAT: heartbeat's spelling
        if (deadtime.compareTo(keepalive.multipliedBy(2)) <= 0) {
            fileError(
                    "deadtime",
                    "Dead time [" + deadtime.toMillis() + "] is too small compared to " + keepaliveMillis,
                    "it must be more than twice keepalive");
        }
        if (times.containsKey("deadping") && deadping.compareTo(keepalive.multipliedBy(2)) <= 0) {
            fileError(
                    "deadping",
                    "Ping dead time [" + deadping.toMillis() + "] is too small compared to " + keepaliveMillis,
                    "it must be more than twice keepalive");
        }
        if (warntime.compareTo(deadtime) > 0) {
            fileWarning(
                    "warntime",
                    "warntime [" + warntime.toMillis() + "] is greater than deadtime [" + deadtime.toMillis()
                            + "], so nobody is ever warned",
                    "half of deadtime is usual");
        }
        if (initdead.compareTo(deadtime) < 0) {
            fileError(
                    "initdead",
                    "Initial dead time [" + initdead.toMillis() + "] is smaller than deadtime [" + deadtime.toMillis()
                            + "]",
                    "Initial dead time accounts for slow network startup time: twice deadtime is usual");
        } else if (initdead.toMillis() < 10_000) {
            fileWarning(
                    "initdead",
                    "Initial dead time [" + initdead.toMillis() + " ms] may be too small!",
                    "It should be >= deadtime and >= 10 seconds, the time a slow network takes to come up");
        }
        return new Timing(keepalive, warntime, deadtime, initdead, deadping);
    }

    private static Duration initdeadFor(Duration deadtime) {
        if (deadtime.toMillis() > 10_000) {
            return deadtime;
        }
        return deadtime.toMillis() >= 6_000 ? deadtime.multipliedBy(2) : Duration.ofSeconds(12);
    }

    void checkFailback(AutoFailback failback) {
        if (failback == AutoFailback.LEGACY) {
            fileWarning(
                    "auto_failback",
                    "Deprecated 'legacy' auto_failback option selected.",
                    "Please convert to 'auto_failback on', which is what HALVS does");
        }
    }

    private void fileError(String directive, String message, String remedy) {
        problems.add(ConfigProblem.error(file, lineOf(directive), directive, message, remedy));
    }

    private void fileWarning(String directive, String message, String remedy) {
        problems.add(ConfigProblem.warning(file, lineOf(directive), directive, message, remedy));
    }

    private int lineOf(String directive) {
        return directives.stream()
                .filter(d -> d.name().equals(directive))
                .mapToInt(Directive::line)
                .reduce(0, (_, last) -> last);
    }
}
