package org.halvs.ldirectord.cli;

import java.util.Optional;

/** What ldirectord can be told to do. */
public enum Verb {
    START("start"),
    STOP("stop"),
    RESTART("restart"),
    /** A restart of what runs; nothing where nothing does. */
    TRY_RESTART("try-restart"),
    RELOAD("reload"),
    /** The same as a reload. */
    FORCE_RELOAD("force-reload"),
    STATUS("status");

    private final String word;

    Verb(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** Whether a daemon may be started by it, so that its files have to be in order. */
    boolean starts() {
        return this == START || this == RESTART || this == TRY_RESTART;
    }

    static Optional<Verb> of(String word) {
        for (Verb verb : values()) {
            if (verb.word.equals(word)) {
                return Optional.of(verb);
            }
        }
        return Optional.empty();
    }
}
