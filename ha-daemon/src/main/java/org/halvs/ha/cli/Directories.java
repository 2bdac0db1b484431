package org.halvs.ha.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the files are; the same two options for every command, so that several instances can live on one machine. */
public final class Directories {
    private static final String ETC = "/etc/ha.d";
    private static final String RUN = "/run/halvs";

    @Option(
            names = "--etc",
            paramLabel = "DIR",
            description = "the configuration, in the place of " + ETC + " (environment: HALVS_ETC)")
    private Path etc = fromEnvironment("HALVS_ETC", ETC);

    @Option(
            names = "--run",
            paramLabel = "DIR",
            description =
                    "sockets and state of the running daemon, in the place of " + RUN + " (environment: HALVS_RUN)")
    private Path run = fromEnvironment("HALVS_RUN", RUN);

    private static Path fromEnvironment(String variable, String otherwise) {
        String value = System.getenv(variable);
        return Path.of(value == null || value.isEmpty() ? otherwise : value);
    }

    public Path etc() {
        return etc;
    }

    public Path run() {
        return run;
    }

    /** Where what is worth keeping goes: what systemd made for it, else the run directory. */
    public Path state() {
        return fromEnvironment("STATE_DIRECTORY", run.toString());
    }
}
