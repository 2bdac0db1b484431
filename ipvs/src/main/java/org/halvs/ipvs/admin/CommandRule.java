package org.halvs.ipvs.admin;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which options may, must or must not stand with a command.
 *
 * @param word the command in ipvsadm's messages
 * @param required topics of options that must be there
 * @param allowed topics of options that may be there
 * @param exclusive topics of options of which one may be there
 */
record CommandRule(String word, Set<String> required, Set<String> allowed, Set<String> exclusive) {
    private static final Set<String> ADDRESS = Set.of("service-address");
    private static final Set<String> ADDRESSES = Set.of("service-address", "real-server");
    private static final Set<String> SERVICE = Set.of("scheduler", "persistent", "netmask", "ops", "pe", "sched-flags");
    private static final Set<String> SERVER = Set.of(
            "forwarding-method",
            "weight",
            "u-threshold",
            "l-threshold",
            "tun-type",
            "tun-port",
            "tun-nocsum",
            "tun-csum",
            "tun-remcsum");

    static final CommandRule ADD_SERVICE = new CommandRule("add-service", ADDRESS, SERVICE, Set.of());
    static final CommandRule EDIT_SERVICE = new CommandRule("edit-service", ADDRESS, SERVICE, Set.of());
    static final CommandRule DELETE_SERVICE = new CommandRule("delete-service", ADDRESS, Set.of(), Set.of());
    static final CommandRule FLUSH = new CommandRule("flush", Set.of(), Set.of(), Set.of());
    static final CommandRule LIST = new CommandRule(
            "list",
            Set.of(),
            Set.of(
                    "numeric",
                    "stats",
                    "rate",
                    "thresholds",
                    "persistent-conn",
                    "nosort",
                    "syncid",
                    "exact",
                    "tun-info"),
            Set.of("connection", "service-address", "timeout", "daemon"));
    static final CommandRule ADD_SERVER = new CommandRule("add-server", ADDRESSES, SERVER, Set.of());
    static final CommandRule DELETE_SERVER = new CommandRule("delete-server", ADDRESSES, Set.of(), Set.of());
    static final CommandRule EDIT_SERVER = new CommandRule("edit-server", ADDRESSES, SERVER, Set.of());
    static final CommandRule SET = new CommandRule("set", Set.of(), Set.of(), Set.of());
    static final CommandRule START_DAEMON = new CommandRule(
            "start-daemon",
            Set.of(),
            Set.of("mcast-interface", "syncid", "mcast-group", "mcast-port", "mcast-ttl", "sync-maxlen"),
            Set.of());
    static final CommandRule STOP_DAEMON = new CommandRule("stop-daemon", Set.of(), Set.of("syncid"), Set.of());
    static final CommandRule RESTORE = new CommandRule("restore", Set.of(), Set.of(), Set.of());
    static final CommandRule SAVE = new CommandRule("save", Set.of(), Set.of("numeric"), Set.of());
    static final CommandRule ZERO = new CommandRule("zero", Set.of(), ADDRESS, Set.of());

    /** All topics in the order in which ipvsadm looks at them; it complains about the first that is wrong. */
    private static final List<String> ORDER = List.of(
            "numeric",
            "connection",
            "service-address",
            "scheduler",
            "persistent",
            "netmask",
            "real-server",
            "forwarding-method",
            "weight",
            "u-threshold",
            "l-threshold",
            "mcast-interface",
            "timeout",
            "daemon",
            "stats",
            "rate",
            "thresholds",
            "persistent-conn",
            "nosort",
            "syncid",
            "exact",
            "ops",
            "pe",
            "sched-flags",
            "mcast-group",
            "mcast-port",
            "mcast-ttl",
            "sync-maxlen",
            "tun-info",
            "tun-type",
            "tun-port",
            "tun-nocsum",
            "tun-csum",
            "tun-remcsum");

    /** What is wrong with the options of {@code topics} for this command; empty when nothing is. */
    Optional<String> complaint(Set<String> topics) {
        String earlier = "";
        for (String topic : ORDER) {
            if (!topics.contains(topic)) {
                if (required.contains(topic)) {
                    return Optional.of("You need to supply the '" + topic + "' option for the '" + word + "' command");
                }
                continue;
            }
            if (exclusive.contains(topic)) {
                if (!earlier.isEmpty()) {
                    return Optional.of("The option '" + topic + "' conflicts with the '" + earlier + "' option in the '"
                            + word + "' command");
                }
                earlier = topic;
            } else if (!required.contains(topic) && !allowed.contains(topic)) {
                return Optional.of("Illegal '" + topic + "' option with the '" + word + "' command");
            }
        }
        return Optional.empty();
    }
}
