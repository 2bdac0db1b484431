package org.halvs.ipvs;

import java.util.Optional;

/** The flags {@code ipvsadm -b} gives a scheduler; bits as in {@code include/uapi/linux/ip_vs.h}. */
public enum SchedulerFlag {
    FLAG_1(0x08),
    FLAG_2(0x10),
    FLAG_3(0x20);

    private final int bit;

    SchedulerFlag(int bit) {
        this.bit = bit;
    }

    public int bit() {
        return bit;
    }

    /** The flag's name for {@code kind}: {@code sh-fallback} and {@code sh-port} for sh, likewise for mh, else {@code flag-N}. */
    public String word(SchedulerKind kind) {
        boolean hashing = kind == SchedulerKind.SH || kind == SchedulerKind.MH;
        return switch (this) {
            case FLAG_1 -> hashing ? kind.word() + "-fallback" : "flag-1";
            case FLAG_2 -> hashing ? kind.word() + "-port" : "flag-2";
            case FLAG_3 -> "flag-3";
        };
    }

    /** Reads {@code sh-port}, {@code mh-fallback}, {@code flag-2} for a service scheduled by {@code kind}; empty when it has no such flag. */
    public static Optional<SchedulerFlag> of(SchedulerKind kind, String word) {
        for (SchedulerFlag flag : values()) {
            if (flag.word(kind).equals(word) || ("flag-" + (flag.ordinal() + 1)).equals(word)) {
                return Optional.of(flag);
            }
        }
        return Optional.empty();
    }
}
