package org.halvs.ha;

import java.util.List;
import org.halvs.ha.cli.Commands;

/** The program. {@code bin/halvs} starts it, and under the name of an old command hands that name over as the first word. */
public final class Halvs {
    private Halvs() {}

    public static void main(String[] arguments) {
        int exit = Commands.run(List.of(arguments));
        System.out.flush();
        System.err.flush();
        // Not System.exit: it would load the whole logging for a log line of its own, which takes longer than most
        // commands.
        Runtime.getRuntime().halt(exit);
    }
}
