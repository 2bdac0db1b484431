package org.halvs.ldirectord.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.halvs.dialect.ConfigProblem;
import org.halvs.ldirectord.LdirectordOptions;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LdirectordReading;
import org.halvs.ldirectord.OriginalMessage;
import org.halvs.ldirectord.daemon.LogSink;

/**
 * The command {@code ldirectord}. One run of it; confined to its thread.
 *
 * <p>A broken configuration ends a start with ldirectord's words on standard error. Ours follow, with every further problem: in the log always,
 * and on standard error unless that goes to a file. What is kept in a file is there to be compared, and stays as ldirectord had it.
 */
public final class LdirectordProgram {
    /** Longer than a daemon gives its table, mails and scripts together when it ends. */
    private static final Duration STOP_PATIENCE = Duration.ofMinutes(2);

    private static final String PID = Long.toString(ProcessHandle.current().pid());

    private final Surroundings surroundings;
    private final LdirectordReader reader;
    private final Processes processes;
    private final DaemonLauncher launcher;

    /**
     * Where the program runs.
     *
     * @param etc where configurations are looked for, {@code /etc/ha.d}
     * @param run where pid files are, {@code /var/run}
     * @param calledAs the program's name and arguments, for the log
     * @param explaining whether our own words about a broken configuration go to standard error too
     * @param waiting whether {@code stop} returns when the daemon has ended, and not at once
     */
    record Surroundings(
            Path etc,
            Path run,
            String calledAs,
            boolean explaining,
            boolean waiting,
            PrintStream standardOutput,
            PrintStream standardError,
            Supplier<LocalDateTime> clock) {}

    LdirectordProgram(
            Surroundings surroundings, LdirectordReader reader, Processes processes, DaemonLauncher launcher) {
        this.surroundings = surroundings;
        this.reader = reader;
        this.processes = processes;
        this.launcher = launcher;
    }

    /** Does what the arguments say, and answers the exit status. */
    int run(List<String> arguments) {
        return switch (Invocation.parse(arguments)) {
            case Invocation.ShowVersion _ -> {
                surroundings.standardOutput().print(Texts.VERSION);
                yield ExitStatus.DONE;
            }
            case Invocation.ShowHelp _ -> Manual.show(surroundings.standardOutput());
            case Invocation.Misuse misuse -> {
                if (!misuse.complaint().isEmpty()) {
                    surroundings.standardError().println(misuse.complaint());
                }
                surroundings.standardOutput().print(Texts.USAGE);
                yield ExitStatus.USAGE;
            }
            case Invocation.Act act -> act(act);
        };
    }

    private int act(Invocation.Act act) {
        try (LogSink log = new LogSink(
                act.instance(),
                act.debug(),
                surroundings.standardOutput(),
                surroundings.standardError(),
                surroundings.clock())) {
            PidFiles pidFiles = new PidFiles(surroundings.run(), act.instance());
            Optional<Path> config =
                    launcher.detachedFor().or(() -> ConfigLookup.find(surroundings.etc(), act.config()));
            boolean needed = act.verb() == Verb.START || !(pidFiles.state(processes) instanceof PidFiles.Running);
            if (config.isEmpty() && needed) {
                return missing(act.config(), log);
            }
            return new Action(act, config.orElse(Path.of(act.config())), pidFiles, log).run();
        }
    }

    private int missing(String config, LogSink log) {
        String text = "Config file " + config + " not found";
        surroundings.standardError().println(text);
        log.log(text);
        log.log("Exiting with exit_status " + ExitStatus.FAILURE + ": Initialisation Error");
        return ExitStatus.FAILURE;
    }

    /** One verb for one configuration. */
    private final class Action {
        private final Invocation.Act act;
        private final Path config;
        private final PidFiles pidFiles;
        private final LogSink log;

        Action(Invocation.Act act, Path config, PidFiles pidFiles, LogSink log) {
            this.act = act;
            this.config = config;
            this.pidFiles = pidFiles;
            this.log = log;
        }

        int run() {
            Optional<LdirectordReading> reading = read();
            reading.ifPresent(found -> log.follow(found.options()));
            if (act.verb().starts() || !isRunning()) {
                if (reading.isEmpty()) {
                    return unreadable();
                }
                print(reading.get());
                if (reading.get().result().value().isEmpty()) {
                    return broken(reading.get());
                }
            }
            if (launcher.detachedFor().isEmpty()) {
                log.log("Invoking ldirectord invoked as: " + surroundings.calledAs() + " ");
            }
            return switch (act.verb()) {
                case START ->
                    isRunning() && launcher.detachedFor().isEmpty() ? ExitStatus.DONE : start(reading.orElseThrow());
                case STOP -> stop() ? ExitStatus.DONE : ExitStatus.FAILURE;
                case RESTART -> stop() ? start(reading.orElseThrow()) : ExitStatus.FAILURE;
                case TRY_RESTART -> {
                    boolean ran = launcher.detachedFor().isPresent() || isRunning();
                    if (!stop()) {
                        yield ExitStatus.FAILURE;
                    }
                    yield ran ? start(reading.orElseThrow()) : ExitStatus.DONE;
                }
                case RELOAD, FORCE_RELOAD -> reload();
                case STATUS -> status(reading.map(LdirectordReading::options));
            };
        }

        private Optional<LdirectordReading> read() {
            try {
                return Optional.of(
                        reader.read(config.toString(), Files.readString(config, StandardCharsets.ISO_8859_1)));
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        private boolean isRunning() {
            return pidFiles.state(processes) instanceof PidFiles.Running;
        }

        private int unreadable() {
            OriginalMessage message = new OriginalMessage(true, 0, "can not open file " + config);
            surroundings.standardError().println(message.render(PID, config.toString()));
            log.log("Exiting with exit_status " + ExitStatus.CONFIGURATION_ERROR
                    + ": config_error: Configuration Error");
            return ExitStatus.CONFIGURATION_ERROR;
        }

        private void print(LdirectordReading reading) {
            if (launcher.detachedFor().isEmpty()) {
                for (OriginalMessage message : reading.originals()) {
                    surroundings.standardError().println(message.render(PID, config.toString()));
                }
            }
        }

        private int broken(LdirectordReading reading) {
            for (ConfigProblem problem : reading.result().problems()) {
                if (surroundings.explaining()) {
                    surroundings.standardError().println(problem);
                }
                if (!reading.options().supervised()) {
                    log.log(problem.toString());
                }
            }
            log.log("Exiting with exit_status " + ExitStatus.CONFIGURATION_ERROR
                    + ": config_error: Configuration Error");
            return ExitStatus.CONFIGURATION_ERROR;
        }

        private int start(LdirectordReading reading) {
            boolean background = !act.debug() && !reading.options().supervised();
            if (background && launcher.detachedFor().isEmpty()) {
                return launcher.detach(config, pidFiles.own());
            }
            try {
                if (background) {
                    pidFiles.write(ProcessHandle.current().pid());
                }
                log.log("Starting " + Texts.PROGRAM + (background ? " as daemon" : " with pid: " + PID));
                int status = launcher.serve(config, reading.result().value().orElseThrow(), log);
                if (status != ExitStatus.DONE) {
                    log.log("Exiting with exit_status " + status + ": the daemon could not run");
                }
                return status;
            } catch (IOException e) {
                log.log("Exiting with exit_status " + ExitStatus.FAILURE + ": " + e.getMessage());
                return ExitStatus.FAILURE;
            } catch (RuntimeException | LinkageError e) {
                // the edge of the process: a daemon in the background has no other place to leave a word
                log.log("Exiting with exit_status " + ExitStatus.FAILURE + ": " + e);
                throw e;
            } finally {
                removePidFile();
            }
        }

        private void removePidFile() {
            try {
                pidFiles.remove(ProcessHandle.current().pid());
            } catch (IOException e) {
                log.log("Can not remove " + pidFiles.own() + ": " + e.getMessage());
            }
        }

        /**
         * Ends a running daemon and returns when it is gone, its services out of the table and its pid file removed.
         *
         * @return {@code false} when it did not go
         */
        private boolean stop() {
            if (launcher.detachedFor().isPresent()
                    || !(pidFiles.state(processes) instanceof PidFiles.Running running)) {
                return true;
            }
            processes.terminate(running.pid());
            boolean restarting = act.verb() != Verb.STOP;
            if (!surroundings.waiting() && !restarting || processes.awaitEnd(running.pid(), STOP_PATIENCE)) {
                return true;
            }
            String text = "ldirectord for " + config + " with pid " + running.pid() + " has not ended within "
                    + STOP_PATIENCE.toSeconds() + " s";
            surroundings.standardError().println(text);
            log.log(text);
            return false;
        }

        private int reload() {
            if (pidFiles.state(processes) instanceof PidFiles.Running running) {
                processes.hangUp(running.pid());
                return ExitStatus.DONE;
            }
            log.log("ldirectord is stopped for " + config);
            return leave(ExitStatus.FAILURE);
        }

        private int status(Optional<LdirectordOptions> options) {
            return switch (pidFiles.state(processes)) {
                case PidFiles.Running running -> {
                    String text = "ldirectord for " + config + " is running with pid: " + running.pid();
                    surroundings.standardError().println(text);
                    log.log(text);
                    options.ifPresent(known -> known.execute().forEach(name -> launcher.runOther(name, Verb.STATUS)));
                    log.log("Exiting from ldirectord status");
                    yield ExitStatus.DONE;
                }
                case PidFiles.Stale stale -> {
                    String text = "ldirectord stale pid file " + stale.file() + " for " + config;
                    surroundings.standardError().println(text);
                    log.log(text);
                    yield stopped(ExitStatus.FAILURE);
                }
                case PidFiles.Stopped _ -> stopped(ExitStatus.NOT_RUNNING);
            };
        }

        private int stopped(int status) {
            surroundings.standardOutput().println("ldirectord is stopped for " + config);
            return leave(status);
        }

        private int leave(int status) {
            log.log("Exiting with exit_status " + status + ": Exiting from ldirectord "
                    + act.verb().word());
            return status;
        }
    }
}
