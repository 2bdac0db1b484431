package org.halvs.ha.cli;

import java.util.ArrayList;
import java.util.List;

/** {@code hb_addnode} and {@code hb_delnode}. */
final class MembersProgram {
    private MembersProgram() {}

    static int run(String name, List<String> words) {
        if (words.isEmpty() || words.equals(List.of("--help"))) {
            System.out.println("usage: " + name + " <node> <node> ...");
            return 1;
        }
        List<String> arguments = new ArrayList<>(List.of(name));
        arguments.addAll(words);
        return HeartbeatConsole.print(HeartbeatConsole.ask("members", arguments).orElseGet(HeartbeatConsole::absent));
    }
}
