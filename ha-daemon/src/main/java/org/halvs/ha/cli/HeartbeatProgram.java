package org.halvs.ha.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.LinuxHostFacts;
import org.halvs.ha.event.Version;
import org.halvs.ha.heartbeat.HeartbeatParameters;
import org.halvs.ha.heartbeat.HeartbeatUsage;

/** {@code heartbeat}: starts, stops, reloads and asks after the daemon, by the options of heartbeat's and the words of its init script. */
final class HeartbeatProgram {
    private static final String NAME = "heartbeat";
    private static final int CONFIGURATION_ERROR = 6;
    private static final int USAGE = 2;
    /** A little more than the daemon takes for releasing at the most. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(75);

    private static final Duration START_PATIENCE = Duration.ofSeconds(15);

    private HeartbeatProgram() {}

    static int run(List<String> words) {
        if (words.size() == 1 && !words.getFirst().startsWith("-")) {
            return initScript(words.getFirst());
        }
        Optional<Character> wrong = HeartbeatUsage.wrongOption(words);
        if (wrong.isPresent()) {
            System.err.print(HeartbeatUsage.text(HeartbeatConsole.calledAs(NAME), wrong.get()));
            return USAGE;
        }
        return switch (HeartbeatUsage.action(words)) {
            case STATUS -> status();
            case STOP -> stop();
            case RELOAD -> reload();
            case DEFAULTS -> print(HeartbeatParameters.table());
            case VERSION -> print("3.0.6 (HALVS " + Version.text() + ")\n");
            case START -> start();
        };
    }

    private static int print(String text) {
        System.out.print(text);
        return 0;
    }

    private static int initScript(String verb) {
        Path config = new Directories().etc().resolve("ha.cf");
        if (!Files.isRegularFile(config)) {
            System.out.println("Heartbeat not configured: " + config + " not found. Heartbeat failure [rc=1]. Failed.");
            return 0; // COMPAT: so that a machine without a configuration boots without a complaint
        }
        return switch (verb) {
            case "start" -> done("Starting", start());
            case "stop" -> done("Stopping", stop());
            case "status" -> status();
            case "reload", "force-reload" -> done("Reloading", reload());
            case "standby" -> MoveProgram.standby(List.of());
            case "restart" -> {
                done("Stopping", stop());
                yield done("Starting", start());
            }
            default -> {
                System.out.println("Usage: " + HeartbeatConsole.calledAs(NAME)
                        + " {start|stop|status|restart|reload|force-reload}");
                yield 1;
            }
        };
    }

    private static int done(String what, int exit) {
        System.out.print(what + " High-Availability services: "
                + (exit == 0 ? "Done.\n" : " Heartbeat failure [rc=" + exit + "]. Failed.\n") + "\n");
        System.out.flush();
        return exit;
    }

    /** The process of the daemon and its node, as it says. */
    private record Running(long pid, String node) {
        static Optional<Running> find() {
            return HeartbeatConsole.ask("pid", List.of())
                    .filter(answer -> answer.exit() == 0)
                    .map(answer -> answer.output().split(" ", 2))
                    .map(words -> new Running(Long.parseLong(words[0]), words[1]));
        }
    }

    private static int status() {
        Optional<Running> running = Running.find();
        if (running.isEmpty()) {
            System.out.println("heartbeat is stopped. No process");
            return 1;
        }
        String host = new LinuxHostFacts().nodeName().orElse(running.get().node());
        System.out.println("heartbeat OK [pid " + running.get().pid() + " et al] is running on " + host + " ["
                + running.get().node() + "]...");
        return 0;
    }

    /** Waits until everything is released and the process is gone. */
    private static int stop() {
        Optional<ProcessHandle> process = Running.find().flatMap(running -> ProcessHandle.of(running.pid()));
        if (process.isEmpty()) {
            System.err.println("INFO: Heartbeat already stopped.");
            return 0;
        }
        process.get().destroy();
        try {
            ProcessHandle _ = process.get().onExit().get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return 0;
        } catch (TimeoutException _) {
            System.err.println(
                    "halvs: the daemon has not ended within " + STOP_PATIENCE.toSeconds() + " s; see its log");
        } catch (ExecutionException e) {
            System.err.println("halvs: " + e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    /** COMPAT: where none runs it is started. */
    private static int reload() {
        Optional<Running> running = Running.find();
        if (running.isEmpty()) {
            return start();
        }
        HeartbeatConsole.log(
                NAME, "info: Signalling heartbeat pid " + running.get().pid() + " to reread config files\n");
        return HeartbeatConsole.print(HeartbeatConsole.ask("reload", List.of()).orElseGet(HeartbeatConsole::absent));
    }

    private static int start() {
        Directories places = new Directories();
        Parsed<ClusterFiles> files = ClusterFiles.read(places.etc(), new LinuxHostFacts());
        Parsed<HalvsYml> own = HalvsYml.read(places.etc());
        List<ConfigProblem> problems = new ArrayList<>(files.problems());
        problems.addAll(own.problems());
        StringBuilder log = new StringBuilder();
        for (ConfigProblem problem : problems) {
            switch (problem.severity()) {
                case ERROR -> log.append("ERROR: ").append(problem).append('\n');
                case WARNING -> log.append("WARN: ").append(problem).append('\n');
                case NOTE -> {}
            }
        }
        if (files.value().isEmpty() || own.value().isEmpty()) {
            HeartbeatConsole.log(NAME, log + "ERROR: Configuration error, heartbeat not started.\n");
            return CONFIGURATION_ERROR;
        }
        log.append("info: **************************\ninfo: Configuration validated. Starting heartbeat 3.0.6\n");
        Optional<Running> running = Running.find();
        running.ifPresent(found -> log.append("info: heartbeat: already running [pid ")
                .append(found.pid())
                .append("].\n"));
        HeartbeatConsole.log(NAME, log.toString());
        return running.isPresent() ? 0 : detach(places);
    }

    /** Starts the daemon in a session of its own and waits until it answers. */
    private static int detach(Directories places) {
        String program = System.getenv("HALVS_PROGRAM");
        if (program == null) {
            System.err.println("halvs: start it as bin/heartbeat, or with systemctl start halvs");
            return 1;
        }
        ProcessBuilder builder = new ProcessBuilder(
                        "setsid",
                        program,
                        "daemon",
                        "--etc",
                        places.etc().toString(),
                        "--run",
                        places.run().toString())
                .directory(new File("/"))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HALVS_DETACHED", "1");
        try {
            Files.createDirectories(places.run());
            Process daemon = builder.start();
            long end = System.nanoTime() + START_PATIENCE.toNanos();
            while (System.nanoTime() - end < 0) {
                if (!daemon.isAlive()) {
                    System.err.println("halvs: the daemon ended at once with status " + daemon.exitValue());
                    return daemon.exitValue();
                }
                if (Running.find().isPresent()) {
                    return 0;
                }
                Thread.sleep(50);
            }
            System.err.println("halvs: the daemon runs but does not answer yet");
            return 1;
        } catch (IOException e) {
            System.err.println("halvs: the daemon can't be started: " + e.getMessage());
            return 1;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }
}
