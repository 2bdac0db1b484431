package org.halvs.ipvs.admin;

import java.util.Optional;

/** The options of ipvsadm as they are typed, in long and short form. */
enum AdminOption {
    ADD_SERVICE("add-service", 'A', Argument.NONE, ""),
    EDIT_SERVICE("edit-service", 'E', Argument.NONE, ""),
    DELETE_SERVICE("delete-service", 'D', Argument.NONE, ""),
    CLEAR("clear", 'C', Argument.NONE, ""),
    LIST("list", 'L', Argument.NONE, ""),
    LIST_LOWER("list", 'l', Argument.NONE, ""),
    ZERO("zero", 'Z', Argument.NONE, ""),
    ADD_SERVER("add-server", 'a', Argument.NONE, ""),
    EDIT_SERVER("edit-server", 'e', Argument.NONE, ""),
    DELETE_SERVER("delete-server", 'd', Argument.NONE, ""),
    SET("set", '\0', Argument.NONE, ""),
    HELP("help", 'h', Argument.NONE, ""),
    VERSION("version", 'v', Argument.NONE, ""),
    RESTORE("restore", 'R', Argument.NONE, ""),
    SAVE("save", 'S', Argument.NONE, ""),
    START_DAEMON("start-daemon", '\0', Argument.REQUIRED, ""),
    STOP_DAEMON("stop-daemon", '\0', Argument.REQUIRED, ""),
    TCP_SERVICE("tcp-service", 't', Argument.REQUIRED, "service-address"),
    UDP_SERVICE("udp-service", 'u', Argument.REQUIRED, "service-address"),
    SCTP_SERVICE("sctp-service", '\0', Argument.REQUIRED, "service-address"),
    FWMARK_SERVICE("fwmark-service", 'f', Argument.REQUIRED, "service-address"),
    SCHEDULER("scheduler", 's', Argument.REQUIRED, "scheduler"),
    PERSISTENT("persistent", 'p', Argument.OPTIONAL, "persistent"),
    NETMASK("netmask", 'M', Argument.REQUIRED, "netmask"),
    REAL_SERVER("real-server", 'r', Argument.REQUIRED, "real-server"),
    MASQUERADING("masquerading", 'm', Argument.NONE, "forwarding-method"),
    IPIP("ipip", 'i', Argument.NONE, "forwarding-method"),
    GATEWAYING("gatewaying", 'g', Argument.NONE, "forwarding-method"),
    WEIGHT("weight", 'w', Argument.REQUIRED, "weight"),
    UPPER_THRESHOLD("u-threshold", 'x', Argument.REQUIRED, "u-threshold"),
    LOWER_THRESHOLD("l-threshold", 'y', Argument.REQUIRED, "l-threshold"),
    NUMERIC("numeric", 'n', Argument.NONE, "numeric"),
    CONNECTION("connection", 'c', Argument.NONE, "connection"),
    MCAST_INTERFACE("mcast-interface", '\0', Argument.REQUIRED, "mcast-interface"),
    SYNC_ID("syncid", '\0', Argument.REQUIRED, "syncid"),
    TIMEOUT("timeout", '\0', Argument.NONE, "timeout"),
    DAEMON("daemon", '\0', Argument.NONE, "daemon"),
    STATS("stats", '\0', Argument.NONE, "stats"),
    RATE("rate", '\0', Argument.NONE, "rate"),
    THRESHOLDS("thresholds", '\0', Argument.NONE, "thresholds"),
    PERSISTENT_CONN("persistent-conn", '\0', Argument.NONE, "persistent-conn"),
    NO_SORT("nosort", '\0', Argument.NONE, "nosort"),
    SORT("sort", '\0', Argument.NONE, ""),
    EXACT("exact", 'X', Argument.NONE, "exact"),
    IPV6("ipv6", '6', Argument.NONE, ""),
    OPS("ops", 'o', Argument.NONE, "ops"),
    PE("pe", '\0', Argument.REQUIRED, "pe"),
    SCHED_FLAGS("sched-flags", 'b', Argument.REQUIRED, "sched-flags"),
    MCAST_GROUP("mcast-group", '\0', Argument.REQUIRED, "mcast-group"),
    MCAST_PORT("mcast-port", '\0', Argument.REQUIRED, "mcast-port"),
    MCAST_TTL("mcast-ttl", '\0', Argument.REQUIRED, "mcast-ttl"),
    SYNC_MAXLEN("sync-maxlen", '\0', Argument.REQUIRED, "sync-maxlen"),
    TUN_INFO("tun-info", '\0', Argument.NONE, "tun-info"),
    TUN_TYPE("tun-type", '\0', Argument.REQUIRED, "tun-type"),
    TUN_PORT("tun-port", '\0', Argument.REQUIRED, "tun-port"),
    TUN_NOCSUM("tun-nocsum", '\0', Argument.NONE, "tun-nocsum"),
    TUN_CSUM("tun-csum", '\0', Argument.NONE, "tun-csum"),
    TUN_REMCSUM("tun-remcsum", '\0', Argument.NONE, "tun-remcsum");

    /** Whether a value follows the option. */
    enum Argument {
        NONE,
        REQUIRED,
        /** Taken only when the next word does not begin with a dash. */
        OPTIONAL
    }

    private final String longName;
    private final char shortName;
    private final Argument argument;
    private final String topic;

    AdminOption(String longName, char shortName, Argument argument, String topic) {
        this.longName = longName;
        this.shortName = shortName;
        this.argument = argument;
        this.topic = topic;
    }

    Argument argument() {
        return argument;
    }

    /**
     * What the option is about, in the words of ipvsadm's messages. Options of one topic exclude each other; empty for commands and for the
     * two options no rule speaks of.
     */
    String topic() {
        return topic;
    }

    static Optional<AdminOption> ofLong(String name) {
        for (AdminOption option : values()) {
            if (option.longName.equals(name)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }

    static Optional<AdminOption> ofShort(char name) {
        for (AdminOption option : values()) {
            if (option.shortName != '\0' && option.shortName == name) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }
}
