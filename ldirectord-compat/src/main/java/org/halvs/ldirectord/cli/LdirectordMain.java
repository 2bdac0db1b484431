package org.halvs.ldirectord.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import org.halvs.dialect.Parsed;
import org.halvs.director.OldBehaviour;
import org.halvs.director.kernel.ExecIpvsadm;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LinuxConfigFiles;
import org.halvs.ldirectord.LinuxNameService;

/**
 * The entry point of the command {@code ldirectord} on a real machine.
 *
 * <p>The environment can say what is elsewhere: {@code HALVS_ETC} ({@code /etc/ha.d}), {@code HALVS_PID_DIR} ({@code /var/run}),
 * {@code HALVS_IPVSADM} (the program), and {@code HALVS_PLANE}: {@code kernel} or {@code in-process}, which comes before what the site says.
 */
public final class LdirectordMain {
    private static final String SITE_FILE = "halvs.yml";

    private LdirectordMain() {}

    /** Runs the command and ends the process with its exit status. */
    public static void main(String[] arguments) {
        int status = run("ldirectord", List.of(arguments), SiteSettings.Source.NONE, TableAccess.NONE);
        System.out.flush();
        System.err.flush();
        // Not System.exit: nothing is left to be closed, and it loads the whole logging for a line of its own.
        Runtime.getRuntime().halt(status);
    }

    /**
     * Runs the command in this process; a daemon in the foreground runs until it ends.
     *
     * @param calledAs the name in the log
     * @param source read in the directory of the configuration where that has a {@value #SITE_FILE}, else in {@code HALVS_ETC}
     * @param access for a daemon that forwards by itself
     * @return the exit status
     */
    public static int run(String calledAs, List<String> arguments, SiteSettings.Source source, TableAccess access) {
        Optional<String> planeWord = environment("HALVS_PLANE");
        Optional<PlaneChoice> plane = planeWord.flatMap(PlaneChoice::of);
        if (planeWord.isPresent() && plane.isEmpty()) {
            System.err.println("HALVS_PLANE is " + planeWord.get() + "; it can be kernel or in-process");
            return ExitStatus.CONFIGURATION_ERROR;
        }
        Path etc = Path.of(environment("HALVS_ETC").orElse("/etc/ha.d"));
        Invocation invocation = Invocation.parse(arguments);
        Parsed<SiteSettings> site = source.read(siteDirectory(invocation, etc));
        if (site.value().isEmpty()
                && invocation instanceof Invocation.Act act
                && act.verb().starts()) {
            site.problems().forEach(System.err::println);
            return ExitStatus.CONFIGURATION_ERROR;
        }
        SiteSettings settings = site.value().orElse(SiteSettings.NONE);
        LinuxNameService names = new LinuxNameService();
        LdirectordReader reader = new LdirectordReader(names, new LinuxConfigFiles(), settings.rules());
        LdirectordProgram.Surroundings surroundings = new LdirectordProgram.Surroundings(
                etc,
                Path.of(environment("HALVS_PID_DIR").orElse("/var/run")),
                calledAs + " " + String.join(" ", arguments),
                !isFile(),
                !settings.rules().kept().contains(OldBehaviour.STOP_RETURNS_AT_ONCE),
                System.out,
                System.err,
                LocalDateTime::now);
        DaemonLauncher launcher = new LinuxDaemonLauncher(
                arguments,
                reader,
                new Planes(plane.or(settings::plane), ipvsadm(), settings, access),
                settings.clients(),
                // COMPAT: HOSTNAME overrides the name of the machine
                environment("HOSTNAME").orElseGet(names::localHostName),
                System.err);
        return new LdirectordProgram(surroundings, reader, new LinuxProcesses(), launcher).run(arguments);
    }

    /** Where the site's settings are: beside the configuration, or in the directory of configurations. */
    private static Path siteDirectory(Invocation invocation, Path etc) {
        if (!(invocation instanceof Invocation.Act act)) {
            return etc;
        }
        return LinuxDaemonLauncher.detached()
                .or(() -> ConfigLookup.find(etc, act.config()))
                .map(config -> config.toAbsolutePath().getParent())
                .filter(directory -> Files.isRegularFile(directory.resolve(SITE_FILE)))
                .orElse(etc);
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
