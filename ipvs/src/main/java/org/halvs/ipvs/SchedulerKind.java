package org.halvs.ipvs;

import java.util.Locale;
import java.util.Optional;

/** The scheduling algorithms, by the names ipvsadm and ldirectord.cf give them. */
public enum SchedulerKind {
    RR,
    WRR,
    LC,
    WLC,
    LBLC,
    LBLCR,
    DH,
    SH,
    MH,
    SED,
    NQ,
    FO,
    OVF,
    TWOS;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The name in configuration files and listings: {@code wlc}. */
    public String word() {
        return word;
    }

    public static Optional<SchedulerKind> of(String word) {
        for (SchedulerKind kind : values()) {
            if (kind.word.equals(word)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
