package org.halvs.ha.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.DidYouMean;
import org.halvs.dialect.Parsed;
import org.halvs.linux.IpAddress;

/** The state of reading one ha.cf: a method for each kind of directive, and {@link #finish} for what only the whole file shows. */
final class HaCfReader {
    private static final int MOST_NODES = 100;
    private static final int LONGEST_NODE_NAME = 99;
    private static final int MOST_MEDIA = 64;
    private static final List<String> TRUE = List.of("true", "on", "yes", "y", "1");
    private static final List<String> FALSE = List.of("false", "off", "no", "n", "0");
    private static final List<String> FACILITIES = List.of(
            "none",
            "auth",
            "authpriv",
            "cron",
            "daemon",
            "ftp",
            "kern",
            "lpr",
            "mail",
            "news",
            "security",
            "syslog",
            "user",
            "uucp",
            "local0",
            "local1",
            "local2",
            "local3",
            "local4",
            "local5",
            "local6",
            "local7");
    /** Programs that come with heartbeat. On a machine where HALVS took its place they are gone, which is no mistake in the file. */
    private static final List<String> HEARTBEATS_OWN = List.of(
            "ipfail",
            "dopd",
            "ifcheckd",
            "pingd",
            "ccm",
            "cib",
            "crmd",
            "mgmtd",
            "stonithd",
            "lrmd",
            "attrd",
            "cl_respawn",
            "hbagent");

    private static final List<String> HEARTBEATS_ACCOUNTS = List.of("hacluster", "haclient");
    /** The device types of cluster-glue's STONITH plug-ins; besides them there is external/ANYTHING. */
    private static final List<String> STONITH_TYPES = List.of(
            "apcmaster",
            "apcmastersnmp",
            "apcsmart",
            "baytech",
            "bladehpi",
            "cyclades",
            "drac3",
            "ibmhmc",
            "ipmilan",
            "meatware",
            "null",
            "nw_rpc100s",
            "rcd_serial",
            "rhcs",
            "rps10",
            "ssh",
            "suicide",
            "vacm",
            "wti_mpc",
            "wti_nps");

    private static final String STONITH_PROGRAM = "/usr/sbin/stonith";

    private static final String APIAUTH_FORM =
            "write apiauth client [uid=uidlist] [gid=gidlist], one or the other must be specified.";

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
        return media.stream().anyMatch(m -> !(m instanceof Medium.Serial));
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

    void log(Directive line) {
        String value = line.arguments().getLast();
        switch (line.name()) {
            case "logfile" ->
                log = new LogSettings(Optional.of(value), log.debugfile(), log.facility(), log.useLogd(), log.debug());
            case "debugfile" ->
                log = new LogSettings(log.logfile(), Optional.of(value), log.facility(), log.useLogd(), log.debug());
            case "logfacility" -> facility(line);
            case "use_logd" -> {
                if (flagged(line)) {
                    boolean logd = bool(value).orElse(false);
                    log = new LogSettings(log.logfile(), log.debugfile(), log.facility(), logd, log.debug());
                }
            }
            default -> {
                Optional<Integer> level = HaCfMedia.number(value, 0, 255);
                if (level.isEmpty()) {
                    error(line, "\"" + value + "\" is not a debug level", "0 to 255; 0 is quiet");
                } else {
                    log = new LogSettings(log.logfile(), log.debugfile(), log.facility(), log.useLogd(), level.get());
                }
            }
        }
    }

    private void facility(Directive line) {
        for (String word : line.arguments()) {
            if (!FACILITIES.contains(word)) {
                String meant = DidYouMean.among(FACILITIES, word)
                        .map(f -> "did you mean " + f + "?")
                        .orElse("a syslog facility such as local0, or none");
                error(line, "Log facility(" + word + ") not valid", meant);
                continue;
            }
            Optional<String> facility = word.equals("none") ? Optional.empty() : Optional.of(word);
            log = new LogSettings(log.logfile(), log.debugfile(), facility, log.useLogd(), log.debug());
        }
    }

    void respawn(Directive line) {
        List<String> words = line.arguments();
        if (words.size() < 2) {
            error(line, "a user and a command are needed", "write " + line.name() + " user /path/of/command arguments");
            return;
        }
        String user = words.getFirst();
        String command = words.get(1);
        String program = command.substring(command.lastIndexOf('/') + 1);
        if (HEARTBEATS_OWN.contains(program)) {
            String does = program.equals("ipfail")
                    ? "accepted; the program is not started: the daemon does its work whenever there are ping nodes"
                    : "accepted; " + program + " belongs to heartbeat and is not started";
            note(line, does);
            return;
        }
        if (!host.hasUser(user)) {
            error(line, "Invalid uid [" + user + "] specified for client child", "name a user of this machine");
        } else if (!command.startsWith("/")) {
            error(line, "Client child command [" + command + "] is not full pathname", "begin it with /");
        } else if (!host.isExecutable(command)) {
            error(
                    line,
                    "Client child command [" + command + "] is not executable",
                    "install it, or chmod +x " + command);
        } else {
            respawns.add(new Respawn(
                    user, words.subList(1, words.size()), line.name().equals("failfast"), line.line()));
            note(line, "accepted; HALVS does not start such programs yet");
        }
    }

    void apiauth(Directive line) {
        List<String> words = line.arguments();
        boolean listed = false;
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("uid=") || word.startsWith("gid=")) {
                listed = true;
                boolean user = word.startsWith("uid=");
                for (String account : word.substring(4).split(",")) {
                    checkAccount(line, account, user);
                }
            }
        }
        if (!listed) {
            error(line, "Invalid apiauth directive [" + String.join(" ", words) + "]", APIAUTH_FORM);
        }
    }

    private void checkAccount(Directive line, String account, boolean user) {
        boolean known = HEARTBEATS_ACCOUNTS.contains(account)
                || account.matches("[0-9]+")
                || (user ? host.hasUser(account) : host.hasGroup(account));
        if (!known) {
            String kind = user ? "user" : "group";
            error(
                    line,
                    "Invalid " + kind + " id name [" + account + "], Invalid apiauth directive ["
                            + String.join(" ", line.arguments()) + "]",
                    "name a " + kind + " of this machine; " + APIAUTH_FORM);
        }
    }

    void stonith(Directive line) {
        int at = line.name().equals("stonith") ? 0 : 1;
        if (line.arguments().size() <= at) {
            error(line, "no STONITH type", "write " + line.name() + (at == 0 ? "" : " host") + " type parameters");
            return;
        }
        String type = line.arguments().get(at);
        if (!type.startsWith("external/") && !STONITH_TYPES.contains(type)) {
            String meant = DidYouMean.among(STONITH_TYPES, type)
                    .map(t -> "did you mean " + t + "?")
                    .orElse("\"stonith -L\" lists the types");
            error(line, "Invalid Stonith type [" + type + "]", meant);
        } else if (!host.isExecutable(STONITH_PROGRAM)) {
            warning(
                    line,
                    STONITH_PROGRAM
                            + " is not on this machine: a silent node can't be reset, and until it is nobody takes"
                            + " what it may have",
                    "install cluster-glue, name another way under fencing in halvs.yml and delete the line, or just delete"
                            + " the line");
        }
    }

    void watchdog(Directive line) {
        if (repeats(line)) {
            error(line, "Watchdog device multiply specified.", "keep one watchdog line");
        }
    }

    void flag(Directive line) {
        flagged(line);
    }

    private boolean flagged(Directive line) {
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

    private static Optional<Boolean> bool(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return TRUE.contains(lower) ? Optional.of(true) : FALSE.contains(lower) ? Optional.of(false) : Optional.empty();
    }

    // --- the file as a whole -----------------------------------------------------------------------------------------

    Parsed<ClusterConfig> finish() {
        checkNodes();
        checkMedia();
        Timing timing = timing();
        AutoFailback failback = autoFailback.orElse(AutoFailback.LEGACY);
        if (failback == AutoFailback.LEGACY) {
            fileWarning(
                    "auto_failback",
                    "Deprecated 'legacy' auto_failback option selected.",
                    "Please convert to 'auto_failback on', which is what HALVS does");
        }
        return Parsed.of(new ClusterConfig(nodes, timing, media, pings, failback, log, respawns, directives), problems);
    }

    private void checkNodes() {
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

    private void checkMedia() {
        if (media.isEmpty()) {
            fileError("", "No heartbeat media defined", "write a ucast, bcast or mcast line for each path to the peer");
        } else if (!mediaSeen() && problems.stream().noneMatch(ConfigProblem::isError)) {
            fileError("serial", "no medium HALVS can use: serial lines are all there is", "add a ucast or bcast line");
        }
        if (media.size() > MOST_MEDIA) {
            fileError("", media.size() + " media", "64 at most");
        }
    }

    /** heartbeat's defaults: deadtime 30 s, warntime half of it, initdead in steps, deadping as deadtime. */
    private Timing timing() {
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
