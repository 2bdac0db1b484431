package org.halvs.ldirectord.cli;

import java.io.IOException;
import java.io.PrintStream;

/** The manual page, where it is installed. */
final class Manual {
    private Manual() {}

    /** Shows ldirectord(8), or where that can't be had the usage; COMPAT: the exit status is then 1. */
    static int show(PrintStream out) {
        try {
            int status = new ProcessBuilder("man", "8", "ldirectord")
                    .inheritIO()
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (status == 0) {
                return ExitStatus.DONE;
            }
        } catch (IOException e) {
            // no man here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.print(Texts.USAGE);
        return ExitStatus.FAILURE;
    }
}
