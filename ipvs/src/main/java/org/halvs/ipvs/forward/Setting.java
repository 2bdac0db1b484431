package org.halvs.ipvs.forward;

import java.util.Locale;
import java.util.Optional;

/**
 * A setting of {@code net.ipv4.vs} with its default and range, after {@code Documentation/networking/ipvs-sysctl.rst} and
 * {@code net/netfilter/ipvs/ip_vs_ctl.c}. Flags are 0 or 1.
 */
public enum Setting {
    /** Pages of free memory below which the automatic defences begin. */
    AMEMTHRESH(1024, 0, Integer.MAX_VALUE),
    /** With drop_packet 3: one of so many packets that would make a connection is dropped. */
    AM_DROPRATE(10, 1, Integer.MAX_VALUE),
    /** 0 off, 1 and 2 when memory is short, 3 always: half-open and idle connections are dropped at random. */
    DROP_ENTRY(0, 0, 3),
    /** 0 off, 1 and 2 when memory is short, 3 always: some packets that would make a connection are dropped. */
    DROP_PACKET(0, 0, 3),
    /** 0 off, 1 and 2 when memory is short, 3 always: the second, stricter TCP table. */
    SECURE_TCP(0, 0, 3),
    /** Accepted; HALVS keeps no conntrack entries. The FTP helper works whatever it says. */
    CONNTRACK(0, 0, 1),
    /** Packets of a mark's service without a server go to their original destination. */
    CACHE_BYPASS(0, 0, 1),
    /** A packet of a connection whose server is gone ends the connection instead of being dropped. */
    EXPIRE_NODEST_CONN(0, 0, 1),
    /** A template of a server of weight 0 is given up when a new connection asks for it. */
    EXPIRE_QUIESCENT_TEMPLATE(0, 0, 1),
    /** Packets in the middle of a TCP connection make an entry. */
    SLOPPY_TCP(0, 0, 1),
    /** Packets in the middle of an SCTP association make an entry. */
    SLOPPY_SCTP(0, 0, 1),
    /** A masqueraded server's packet without a connection is answered with "port unreachable". */
    NAT_ICMP_SEND(0, 0, 1),
    /** Tunnels honour and copy the "don't fragment" flag. */
    PMTU_DISC(1, 0, 1),
    /** Replies are routed by the rules for their new source address; without it, by those for the real server's. */
    SNAT_REROUTE(1, 0, 1),
    /** A director that runs a backup daemon forwards nothing. */
    BACKUP_ONLY(0, 0, 1),
    /** When a new connection may reuse an entry: bit 0 TIME_WAIT and CLOSE, bit 1 also FIN_WAIT without seen replies. */
    CONN_REUSE_MODE(1, 0, 3),
    /** ICMP errors may make a connection. */
    SCHEDULE_ICMP(0, 0, 1),
    /** With schedule_icmp: errors about tunnelled packets do not. */
    IGNORE_TUNNELED(0, 0, 1),
    /** Counters and rates follow the traffic. */
    RUN_ESTIMATION(1, 0, 1),
    /** Seconds after which lblc forgets an unused destination. */
    LBLC_EXPIRATION(86400, 0, Integer.MAX_VALUE),
    /** Seconds after which lblcr forgets an unused destination or takes a server out of its set. */
    LBLCR_EXPIRATION(86400, 0, Integer.MAX_VALUE),
    SYNC_VERSION(1, 0, 1),
    SYNC_PORTS(1, 1, 64),
    SYNC_PERSIST_MODE(0, 0, 1),
    SYNC_QLEN_MAX(0, 0, Integer.MAX_VALUE),
    SYNC_SOCK_SIZE(0, 0, Integer.MAX_VALUE),
    /** The first number of {@code sync_threshold}; the second is {@link #SYNC_PERIOD}. */
    SYNC_THRESHOLD(3, 0, Integer.MAX_VALUE),
    /** The second number of {@code sync_threshold}; no kernel setting of its own. */
    SYNC_PERIOD(50, 0, Integer.MAX_VALUE),
    SYNC_REFRESH_PERIOD(0, 0, Integer.MAX_VALUE),
    SYNC_RETRIES(0, 0, 3);

    private final String word = name().toLowerCase(Locale.ROOT);
    private final int initial;
    private final int lowest;
    private final int highest;

    Setting(int initial, int lowest, int highest) {
        this.initial = initial;
        this.lowest = lowest;
        this.highest = highest;
    }

    /** The kernel's name: {@code drop_entry}. */
    public String word() {
        return word;
    }

    public int initial() {
        return initial;
    }

    public boolean accepts(int value) {
        return value >= lowest && value <= highest && (this != SYNC_PORTS || Integer.bitCount(value) == 1);
    }

    /** Finds a setting by the kernel's name, with or without {@code net.ipv4.vs.} before it. */
    public static Optional<Setting> of(String word) {
        String name = word.startsWith("net.ipv4.vs.") ? word.substring("net.ipv4.vs.".length()) : word;
        for (Setting setting : values()) {
            if (setting.word.equals(name) && setting != SYNC_PERIOD) {
                return Optional.of(setting);
            }
        }
        return Optional.empty();
    }
}
