package org.halvs.ldirectord.cli;

import java.util.List;
import java.util.Optional;

/** Which table a daemon serves. */
public enum PlaneChoice {
    /** The kernel's ip_vs, through the installed ipvsadm. */
    KERNEL("kernel"),
    /** A forwarding core in the daemon itself. */
    IN_PROCESS("in-process");

    /** The words of halvs.yml. */
    public static final List<String> WORDS = List.of("in-process", "kernel");

    private final String word;

    PlaneChoice(String word) {
        this.word = word;
    }

    /** The choice of that name, as in {@code plane: kernel} of halvs.yml. */
    public static Optional<PlaneChoice> of(String word) {
        if (word.equals("halvs")) {
            return Optional.of(IN_PROCESS); // its first name
        }
        for (PlaneChoice choice : values()) {
            if (choice.word.equals(word)) {
                return Optional.of(choice);
            }
        }
        return Optional.empty();
    }
}
