package org.halvs.ldirectord.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LinuxConfigFiles;
import org.halvs.ldirectord.LinuxNameService;

/** The entry point of the command {@code ldirectord} on a real machine. */
public final class LdirectordMain {
    private static final Path ETC = Path.of("/etc/ha.d");
    private static final Path RUN = Path.of("/var/run");

    private LdirectordMain() {}

    /** Runs the command and ends the process with its exit status. */
    public static void main(String[] arguments) {
        int status = run("ldirectord", List.of(arguments), Map.of());
        System.out.flush();
        System.err.flush();
        // Not System.exit: nothing is left to be closed, and it loads the whole logging for a line of its own.
        Runtime.getRuntime().halt(status);
    }

    /**
     * Runs the command in this process; a daemon in the foreground runs until it ends.
     *
     * @param calledAs the name in the log
     * @param siteServices as in {@link LdirectordReader}
     * @return the exit status
     */
    public static int run(String calledAs, List<String> arguments, Map<String, String> siteServices) {
        LinuxNameService names = new LinuxNameService();
        LdirectordReader reader = new LdirectordReader(names, new LinuxConfigFiles(), siteServices);
        // COMPAT: HOSTNAME overrides the name of the machine
        String host = Optional.ofNullable(System.getenv("HOSTNAME")).orElseGet(names::localHostName);
        LdirectordProgram.Surroundings surroundings = new LdirectordProgram.Surroundings(
                ETC,
                RUN,
                calledAs + " " + String.join(" ", arguments),
                isTerminal(),
                System.out,
                System.err,
                LocalDateTime::now);
        DaemonLauncher launcher = new LinuxDaemonLauncher(arguments, reader, host, System.err);
        return new LdirectordProgram(surroundings, reader, new LinuxProcesses(), launcher).run(arguments);
    }

    /** Whether standard error is a terminal. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
