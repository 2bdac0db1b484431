package org.halvs.ha.heartbeat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.Directive;

/**
 * The parameters a client of heartbeat can ask for, and their defaults: {@code cl_status hbparameter}, {@code heartbeat -D}, and the
 * variables of rc.d scripts. A value stands as it was written in ha.cf; what the file does not say has heartbeat's default, times with their unit.
 */
public final class HeartbeatParameters {
    /** What {@code heartbeat -D} lists, in its order. */
    private record Default(String value, String meaning) {}

    private static final Map<String, Default> DEFAULTS = defaults();

    private HeartbeatParameters() {}

    private static Map<String, Default> defaults() {
        Map<String, Default> all = new LinkedHashMap<>();
        all.put("cluster", new Default("linux-ha", "the name of cluster"));
        all.put("hopfudge", new Default("1", "# of hops above cluster size"));
        all.put("keepalive", new Default("1000ms", "keepalive time"));
        all.put("deadtime", new Default("30000ms", "node deadtime"));
        all.put("baud", new Default("19200", "baud rate"));
        all.put("auto_failback", new Default("legacy", "auto failback"));
        all.put("hbgenmethod", new Default("file", "protocol generation computation method"));
        all.put("realtime", new Default("true", "enable realtime behavior?"));
        all.put("msgfmt", new Default("classic", "message format in the wire"));
        all.put("conn_logd_time", new Default("60", "the interval to reconnect to logd"));
        all.put("log_badpack", new Default("true", "warn about bad packets"));
        all.put("syslogmsgfmt", new Default("true", "log to files in syslog format"));
        all.put("coredumps", new Default("true", "enable Linux-HA core dumps"));
        all.put("pacemaker", new Default("false", "enable Pacemaker resource management"));
        all.put("autojoin", new Default("none", "set automatic join mode/style"));
        all.put("uuidfrom", new Default("file", "set the source for uuid"));
        all.put("compression", new Default("zlib", "set compression module"));
        all.put("compression_threshold", new Default("2", "set compression threshold"));
        all.put("traditional_compression", new Default("no", "set traditional_compression"));
        all.put("max_rexmit_delay", new Default("250", "set the maximum rexmit delay time"));
        String pacemaker = " (valid only with: pacemaker on)";
        all.put("record_config_changes", new Default("on", "record changes to the cib" + pacemaker));
        all.put("record_pengine_inputs", new Default("on", "record the input used by the policy engine" + pacemaker));
        all.put("enable_config_writes", new Default("on", "write configuration changes to disk" + pacemaker));
        all.put("memreserve", new Default("6500", "number of kbytes to preallocate in heartbeat"));
        return all;
    }

    /** The table {@code heartbeat -D} prints. */
    public static String table() {
        StringBuilder text = new StringBuilder("Directive                Default   Description\n");
        text.append("-".repeat(80)).append('\n');
        DEFAULTS.forEach((name, known) -> text.append("%-24s %-9s %s%n".formatted(name, known.value, known.meaning)));
        return text.toString();
    }

    /** The value of a parameter; empty for one that is not known or has none. */
    public static Optional<String> value(ClusterConfig config, String name) {
        return switch (name) {
            case "watchdog",
                    "logfacility",
                    "logfile",
                    "debugfile",
                    "rtprio",
                    "coreroot",
                    "crm_daemon_dir",
                    "crmd_spawns_pengine",
                    "quorum_server" -> stated(config, name);
            case "use_logd" -> stated(config, name).or(() -> logless(config) ? Optional.of("yes") : Optional.empty());
            case "udpport" -> Optional.of(stated(config, name).orElse("694"));
            case "debug" -> Optional.of(stated(config, name).orElse("0"));
            case "crm" -> value(config, "pacemaker");
            case "warntime" ->
                Optional.of(stated(config, name).orElse(millis(config.timing().warntime())));
            case "initdead" ->
                Optional.of(stated(config, name).orElse(millis(config.timing().initdead())));
            case "deadping" ->
                Optional.of(stated(config, name).orElse(millis(config.timing().deadping())));
            default ->
                Optional.ofNullable(DEFAULTS.get(name))
                        .map(known -> stated(config, name).orElse(known.value()));
        };
    }

    /** All parameters that have a value, by name, in a fixed order. */
    public static Map<String, String> all(ClusterConfig config) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String name : new String[] {
            "warntime",
            "initdead",
            "deadping",
            "udpport",
            "debug",
            "watchdog",
            "logfacility",
            "logfile",
            "debugfile",
            "rtprio"
        }) {
            value(config, name).ifPresent(value -> all.put(name, value));
        }
        DEFAULTS.keySet().forEach(name -> value(config, name).ifPresent(value -> all.put(name, value)));
        return all;
    }

    private static Optional<String> stated(ClusterConfig config, String name) {
        return config.directive(name).map(Directive::arguments).map(words -> words.getLast());
    }

    private static boolean logless(ClusterConfig config) {
        return config.log().logfile().isEmpty()
                && config.log().debugfile().isEmpty()
                && config.log().facility().isEmpty();
    }

    private static String millis(Duration time) {
        return time.toMillis() + "ms";
    }
}
