package org.halvs.ldirectord.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.check.protocol.ClientSettings;
import org.halvs.check.protocol.HealthCheckers;
import org.halvs.ldirectord.LdirectordPlan;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.daemon.ConfigSource;
import org.halvs.ldirectord.daemon.DaemonPlane;
import org.halvs.ldirectord.daemon.DaemonSettings;
import org.halvs.ldirectord.daemon.LdirectordDaemon;
import org.halvs.ldirectord.daemon.LogSink;
import org.halvs.ldirectord.daemon.SendmailCarrier;
import org.halvs.ldirectord.daemon.SmtpCarrier;
import org.halvs.ldirectord.daemon.Surroundings;
import org.halvs.linux.IcmpEcho;

/** Daemons as processes of this machine. */
final class LinuxDaemonLauncher implements DaemonLauncher {
    /**
     * Tells the started process that it is the daemon; its value is the path of the configuration, as the daemon's directory is the root. A
     * property and no variable of the environment, which the scripts that a daemon runs would inherit.
     */
    private static final String DETACHED = "halvs.ldirectord.detached";

    private static final Duration START_PATIENCE = Duration.ofSeconds(30);
    private static final Path SENDMAIL = Path.of("/usr/sbin/sendmail");
    private static final File NOWHERE = new File("/dev/null");

    private final List<String> arguments;
    private final LdirectordReader reader;
    private final Planes planes;
    private final ClientSettings clients;
    private final String host;
    private final PrintStream standardError;

    LinuxDaemonLauncher(
            List<String> arguments,
            LdirectordReader reader,
            Planes planes,
            ClientSettings clients,
            String host,
            PrintStream standardError) {
        this.arguments = List.copyOf(arguments);
        this.reader = reader;
        this.planes = planes;
        this.clients = clients;
        this.host = host;
        this.standardError = standardError;
    }

    @Override
    public Optional<Path> detachedFor() {
        return detached();
    }

    static Optional<Path> detached() {
        return Optional.ofNullable(System.getProperty(DETACHED)).map(Path::of);
    }

    @Override
    public int serve(Path config, LdirectordPlan plan, LogSink log) {
        Optional<DaemonPlane.Opener> plane = planes.opener();
        if (plane.isEmpty()) {
            standardError.println("Can not find ipvsadm");
            return ExitStatus.NO_IPVSADM;
        }
        try (IcmpEcho echo = IcmpEcho.open()) {
            HealthCheckers checkers = new HealthCheckers(echo, clients);
            DaemonSettings settings = new DaemonSettings(
                    new ConfigSource(config, reader),
                    checkers::of,
                    plane.get(),
                    new Surroundings(new SmtpCarrier(host, new SendmailCarrier(SENDMAIL)), ownCommand(), host));
            LdirectordDaemon daemon = new LdirectordDaemon(settings, plan, log);
            daemon.handleSignals();
            return daemon.run();
        }
    }

    @Override
    public int detach(Path config, Path pidFile) {
        if (planes.lacksIpvsadm()) {
            standardError.println("Can not find ipvsadm");
            return ExitStatus.NO_IPVSADM;
        }
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(ownCommand());
        command.add(2, "-D" + DETACHED + "=" + config.toAbsolutePath());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectInput(NOWHERE)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD);
        try {
            return await(builder.start(), pidFile);
        } catch (IOException e) {
            standardError.println("Can not start: " + e.getMessage());
            return ExitStatus.FAILURE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.FAILURE;
        }
    }

    /** COMPAT: a service manager that waits for a forking program reads the pid file as soon as that returns. */
    private static int await(Process daemon, Path pidFile) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            if (!daemon.isAlive()) {
                return daemon.exitValue();
            }
            if (Files.isRegularFile(pidFile)
                    && Files.readString(pidFile, StandardCharsets.ISO_8859_1)
                            .strip()
                            .equals(Long.toString(daemon.pid()))) {
                return ExitStatus.DONE;
            }
            Thread.sleep(20);
        }
        return ExitStatus.DONE;
    }

    @Override
    public void runOther(String config, Verb verb) {
        List<String> command = new ArrayList<>(ownCommand());
        command.addAll(List.of(config, verb.word()));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        try {
            builder.start().waitFor();
        } catch (IOException e) {
            standardError.println("Can not run ldirectord for " + config + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How this process was called, but for its own arguments: the runtime, its options and the program. */
    private List<String> ownCommand() {
        try {
            String words = Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8);
            List<String> all = new ArrayList<>(List.of(words.split("\0", -1)));
            all.removeLast();
            List<String> command = new ArrayList<>(all.subList(0, all.size() - arguments.size()));
            command.removeIf(word -> word.startsWith("-D" + DETACHED + "="));
            ProcessHandle.current().info().command().ifPresent(java -> command.set(0, java));
            return command;
        } catch (IOException e) {
            throw new IllegalStateException("no /proc", e);
        }
    }
}
