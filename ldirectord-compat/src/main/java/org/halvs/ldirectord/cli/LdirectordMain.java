package org.halvs.ldirectord.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import org.halvs.director.kernel.ExecIpvsadm;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LinuxConfigFiles;
import org.halvs.ldirectord.LinuxNameService;

/**
 * The entry point of the command {@code ldirectord} on a real machine.
 *
 * <p>The environment can say what is elsewhere: {@code HALVS_ETC} ({@code /etc/ha.d}), {@code HALVS_PID_DIR} ({@code /var/run}),
 * {@code HALVS_IPVSADM} (the program), and {@code HALVS_PLANE}: {@code kernel} or {@code halvs}, which comes before what the site says.
 */
public final class LdirectordMain {
    private LdirectordMain() {}

    /** Runs the command and ends the process with its exit status. */
    public static void main(String[] arguments) {
        int status = run("ldirectord", List.of(arguments), SiteSettings.NONE);
        System.out.flush();
        System.err.flush();
        // Not System.exit: nothing is left to be closed, and it loads the whole logging for a line of its own.
        Runtime.getRuntime().halt(status);
    }

    /**
     * Runs the command in this process; a daemon in the foreground runs until it ends.
     *
     * @param calledAs the name in the log
     * @return the exit status
     */
    public static int run(String calledAs, List<String> arguments, SiteSettings site) {
        Optional<String> planeWord = environment("HALVS_PLANE");
        Optional<PlaneChoice> plane = planeWord.flatMap(PlaneChoice::of);
        if (planeWord.isPresent() && plane.isEmpty()) {
            System.err.println("HALVS_PLANE is " + planeWord.get() + "; it can be kernel or halvs");
            return ExitStatus.CONFIGURATION_ERROR;
        }
        LinuxNameService names = new LinuxNameService();
        LdirectordReader reader = new LdirectordReader(names, new LinuxConfigFiles(), site.services());
        LdirectordProgram.Surroundings surroundings = new LdirectordProgram.Surroundings(
                Path.of(environment("HALVS_ETC").orElse("/etc/ha.d")),
                Path.of(environment("HALVS_PID_DIR").orElse("/var/run")),
                calledAs + " " + String.join(" ", arguments),
                !isFile(),
                System.out,
                System.err,
                LocalDateTime::now);
        DaemonLauncher launcher = new LinuxDaemonLauncher(
                arguments,
                reader,
                new Planes(plane.or(site::plane), ipvsadm()),
                // COMPAT: HOSTNAME overrides the name of the machine
                environment("HOSTNAME").orElseGet(names::localHostName),
                System.err);
        return new LdirectordProgram(surroundings, reader, new LinuxProcesses(), launcher).run(arguments);
    }

    private static Optional<ExecIpvsadm> ipvsadm() {
        return environment("HALVS_IPVSADM")
                .map(path -> new ExecIpvsadm(Path.of(path)))
                .or(ExecIpvsadm::installed);
    }

    private static Optional<String> environment(String variable) {
        return Optional.ofNullable(System.getenv(variable)).filter(value -> !value.isEmpty());
    }

    /** Whether standard error is a file, and not a terminal, a pipe or the journal, where somebody reads along. */
    private static boolean isFile() {
        try {
            return Files.isRegularFile(Path.of("/proc/self/fd/2").toRealPath());
        } catch (IOException e) {
            return false;
        }
    }
}
