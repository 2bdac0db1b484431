package org.halvs.ipvs.admin;

import java.util.Optional;
import org.halvs.ipvs.ServiceKey;

/**
 * What {@code ipvsadm -L} is to show.
 *
 * @param subject the table, one service of it, or something else
 * @param service the one service to show; empty for all
 * @param numeric addresses and ports instead of names
 * @param figures the columns of the table
 * @param persistenceData with {@link Subject#CONNECTIONS}: two more columns for what persistence engines go by
 * @param exact numbers in full
 * @param sorted by protocol, address and port; else as the table has them
 */
public record ListOptions(
        Subject subject,
        Optional<ServiceKey> service,
        boolean numeric,
        Figures figures,
        boolean persistenceData,
        boolean exact,
        boolean sorted) {

    /** The whole table with names, as {@code ipvsadm} without any argument shows it. */
    public static final ListOptions PLAIN =
            new ListOptions(Subject.TABLE, Optional.empty(), false, Figures.CONNECTIONS, false, false, true);

    /** What is listed. */
    public enum Subject {
        TABLE,
        CONNECTIONS,
        TIMEOUTS,
        DAEMONS
    }

    /** Which figures stand beside the servers. */
    public enum Figures {
        /** Forwarding method, weight, active and inactive connections. */
        CONNECTIONS,
        /** Counters ({@code --stats}). */
        STATS,
        /** Rates ({@code --rate}). */
        RATE,
        /** Thresholds ({@code --thresholds}). */
        THRESHOLDS,
        /** Templates ({@code --persistent-conn}). */
        PERSISTENT,
        /** As {@link #CONNECTIONS} with the kind of tunnel ({@code --tun-info}). */
        TUNNEL
    }
}
