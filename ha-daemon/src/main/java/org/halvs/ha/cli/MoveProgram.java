package org.halvs.ha.cli;

import java.util.List;

/**
 * {@code hb_standby} and {@code hb_takeover}: arguments and first words are heartbeat's, but they wait until it is done and say what came of it.
 */
final class MoveProgram {
    private static final List<String> WORDS = List.of("all", "foreign", "local", "failback");

    private MoveProgram() {}

    static int standby(List<String> words) {
        return run("hb_standby", "standby", words);
    }

    static int takeover(List<String> words) {
        return run("hb_takeover", "takeover", words);
    }

    private static int run(String name, String command, List<String> words) {
        String self = HeartbeatConsole.calledAs(name);
        String word = words.isEmpty() ? "all" : words.getFirst();
        if (words.size() >= 2) {
            System.out.println(self + ": too many arguments");
            return usage(self);
        }
        if (word.equals("--help")) {
            return usage(self);
        }
        if (!WORDS.contains(word)) {
            System.out.println(self + ": wrong resources(" + word + ").");
            return usage(self);
        }
        if (command.equals("standby")) {
            // COMPAT: it says what it makes of the word
            String meant = word.equals("failback") ? "foreign" : word;
            System.err.println(HeartbeatConsole.time() + " Going standby [" + meant + "].");
            System.err.flush();
        }
        return HeartbeatConsole.print(
                HeartbeatConsole.ask(command, List.of(word)).orElseGet(HeartbeatConsole::absent));
    }

    private static int usage(String self) {
        System.out.println("usage:");
        System.out.flush();
        System.err.println(self + " [all|foreign|local|failback]");
        return 1;
    }
}
