package org.halvs.piranha;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The keys of lvs.cf. A word that stands in two scopes with values of two kinds is two keys. */
public enum LvsKey {
    SERIAL_NO(Scope.GLOBAL, Kind.INTEGER),
    SERVICE(Scope.GLOBAL, Kind.CHOICE, "lvs", "fos"),
    PRIMARY(Scope.GLOBAL, Kind.HOST),
    PRIMARY_PRIVATE(Scope.GLOBAL, Kind.HOST),
    PRIMARY_SHARED(Scope.GLOBAL, Kind.WORD),
    BACKUP(Scope.GLOBAL, Kind.HOST),
    BACKUP_PRIVATE(Scope.GLOBAL, Kind.HOST),
    BACKUP_SHARED(Scope.GLOBAL, Kind.WORD),
    BACKUP_ACTIVE(Scope.GLOBAL, Kind.BOOLEAN),
    HEARTBEAT(Scope.GLOBAL, Kind.BOOLEAN),
    HEARTBEAT_PORT(Scope.GLOBAL, Kind.PORT),
    KEEPALIVE(Scope.GLOBAL, Kind.INTEGER),
    DEADTIME(Scope.GLOBAL, Kind.INTEGER),
    MONITOR_LINKS(Scope.GLOBAL, Kind.INTEGER),
    NETWORK(Scope.GLOBAL, Kind.CHOICE, "direct", "nat", "tunnel"),
    NAT_ROUTER(Scope.GLOBAL, Kind.HOST_AND_DEVICE),
    NAT_NMASK(Scope.GLOBAL, Kind.NETMASK),
    SYNCDAEMON(Scope.GLOBAL, Kind.BOOLEAN),
    SYNCD_IFACE(Scope.GLOBAL, Kind.WORD),
    SYNCD_ID(Scope.GLOBAL, Kind.INTEGER),
    TCP_TIMEOUT(Scope.GLOBAL, Kind.INTEGER),
    TCPFIN_TIMEOUT(Scope.GLOBAL, Kind.INTEGER),
    UDP_TIMEOUT(Scope.GLOBAL, Kind.INTEGER),
    HARD_SHUTDOWN(Scope.GLOBAL, Kind.BOOLEAN),
    ACTIVE_CMD(Scope.GLOBAL, Kind.WORD),
    INACTIVE_CMD(Scope.GLOBAL, Kind.WORD),
    IPVSADM(Scope.GLOBAL, Kind.WORD),
    RSH_COMMAND(Scope.GLOBAL, Kind.WORD),
    DEBUG_LEVEL(Scope.GLOBAL, Kind.WORD),
    SYNC(Scope.GLOBAL, Kind.BOOLEAN),
    RESERVATION_CONFLICT_ACTION(Scope.GLOBAL, Kind.CHOICE, "nothing", "preempt"),

    ACTIVE(Scope.BLOCK, Kind.BOOLEAN),
    ADDRESS(Scope.BLOCK, Kind.HOST_AND_DEVICE),
    VIP_NMASK(Scope.BLOCK, Kind.NETMASK),
    PORT(Scope.BLOCK, Kind.PORT),
    PROTOCOL(Scope.BLOCK, Kind.CHOICE, "tcp", "udp"),
    FWMARK(Scope.BLOCK, Kind.INTEGER),
    SCHEDULER(Scope.BLOCK, Kind.CHOICE, "rr", "lc", "wlc", "wrr", "lblc", "lblcr", "dh", "sh"),
    PERSISTENT(Scope.BLOCK, Kind.INTEGER),
    PMASK(Scope.BLOCK, Kind.WORD),
    TIMEOUT(Scope.BLOCK, Kind.INTEGER),
    REENTRY(Scope.BLOCK, Kind.INTEGER),
    QUIESCE_SERVER(Scope.BLOCK, Kind.BOOLEAN),
    SEND(Scope.BLOCK, Kind.WORD),
    EXPECT(Scope.BLOCK, Kind.WORD),
    USE_REGEX(Scope.BLOCK, Kind.BOOLEAN),
    SEND_PROGRAM(Scope.BLOCK, Kind.WORD),
    LOAD_MONITOR(Scope.BLOCK, Kind.WORD),
    SORRY_SERVER(Scope.BLOCK, Kind.LITERAL),
    CLIENT_MONITOR(Scope.BLOCK, Kind.WORD),
    START_CMD(Scope.BLOCK, Kind.WORD),
    STOP_CMD(Scope.BLOCK, Kind.WORD),
    MASTER(Scope.BLOCK, Kind.HOST),
    DIRS(Scope.BLOCK, Kind.LIST),

    SERVER_ADDRESS(Scope.SERVER, Kind.HOST),
    SERVER_ACTIVE(Scope.SERVER, Kind.BOOLEAN),
    SERVER_WEIGHT(Scope.SERVER, Kind.INTEGER),
    SERVER_PORT(Scope.SERVER, Kind.INTEGER);

    /** Where a key stands. */
    public enum Scope {
        GLOBAL,
        /** In a virtual or failover block. */
        BLOCK,
        /** In a server block of a virtual one. */
        SERVER
    }

    /** What a key takes. */
    enum Kind {
        /** A number as strtol(3) reads it: decimal, octal after 0, hexadecimal after 0x, perhaps negative. */
        INTEGER("a whole number"),
        BOOLEAN("0 or 1"),
        HOST("an IPv4 address or a host name that has one"),
        /** An address without a look-up. */
        LITERAL("an IPv4 address"),
        HOST_AND_DEVICE("an IPv4 address and a device, such as 192.0.2.1 eth0:1"),
        NETMASK("a netmask such as 255.255.255.0"),
        /** A number or the name of a TCP service. */
        PORT("a port number or the name of a TCP service"),
        /** One word, or a text in quotes. */
        WORD("one word, or a text in quotes"),
        CHOICE(""),
        LIST("words in brackets: [ a b ]");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }
    }

    private final Scope scope;
    private final Kind kind;
    /** Separated by a comma and a blank. */
    private final String choices;

    private final String word;

    LvsKey(Scope scope, Kind kind, String... choices) {
        this.scope = scope;
        this.kind = kind;
        this.choices = String.join(", ", choices);
        String name = name().toLowerCase(Locale.ROOT);
        this.word = scope == Scope.SERVER ? name.substring("server_".length()) : name;
    }

    /** The word in the file. */
    public String word() {
        return word;
    }

    public Scope scope() {
        return scope;
    }

    Kind kind() {
        return kind;
    }

    List<String> choices() {
        return List.of(choices.split(", "));
    }

    /** What the key takes, for a message. */
    String expected() {
        return kind == Kind.CHOICE ? choices : kind.expected;
    }

    static Optional<LvsKey> of(Scope scope, String word) {
        for (LvsKey key : values()) {
            if (key.scope == scope && key.word.equals(word)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** The words that may begin a line in {@code scope}. */
    static List<String> words(Scope scope) {
        List<String> words = new ArrayList<>();
        if (scope == Scope.GLOBAL) {
            words.add("virtual");
            words.add("failover");
        } else if (scope == Scope.BLOCK) {
            words.add("server");
        }
        for (LvsKey key : values()) {
            if (key.scope == scope) {
                words.add(key.word);
            }
        }
        return words;
    }
}
