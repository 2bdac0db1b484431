package org.halvs.ha.heartbeat;

import java.util.List;
import java.util.Optional;

/** The options of the program {@code heartbeat}. Pure. */
public final class HeartbeatUsage {
    private static final String LETTERS = "dDkMrRsvWlVfC:";

    private HeartbeatUsage() {}

    /** What a command line asks for. */
    public enum Action {
        START,
        STOP,
        RELOAD,
        STATUS,
        DEFAULTS,
        VERSION
    }

    /** The first option that is none of heartbeat's. */
    public static Optional<Character> wrongOption(List<String> words) {
        return ShortOptions.read("", LETTERS, words).complaints().stream()
                .findFirst()
                .map(complaint -> complaint.charAt(complaint.length() - 2));
    }

    /** Of several options the one that does most without changing anything goes first; without any the daemon is started. */
    public static Action action(List<String> words) {
        ShortOptions options = ShortOptions.read("", LETTERS, words);
        if (options.has('V')) {
            return Action.VERSION;
        }
        if (options.has('D')) {
            return Action.DEFAULTS;
        }
        if (options.has('s')) {
            return Action.STATUS;
        }
        if (options.has('k')) {
            return Action.STOP;
        }
        return options.has('r') ? Action.RELOAD : Action.START;
    }

    /** What it says of a wrong option. */
    public static String text(String program, char option) {
        return program + ": invalid option -- '" + option + "'\n"
                + "\nUsage: heartbeat [-dDkMrRsvWlVf] [-C Current-resource-state]\n"
                + "\t-C only valid with -R\n"
                + "\t-r is mutually exclusive with -R\n";
    }
}
