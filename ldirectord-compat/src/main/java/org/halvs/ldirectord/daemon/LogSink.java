package org.halvs.ldirectord.daemon;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.function.Supplier;
import org.halvs.ldirectord.LdirectordOptions;

/**
 * Where one ldirectord writes its log: the file or syslog facility the configuration names, standard output when it is supervised, standard
 * error when it is debugged. Confined to one thread.
 */
public final class LogSink implements DaemonOutput, AutoCloseable {
    private final String instance;
    private final boolean debug;
    private final PrintStream standardOutput;
    private final PrintStream standardError;
    private final Supplier<LocalDateTime> clock;
    private final long pid = ProcessHandle.current().pid();
    private LdirectordOptions.LogTarget target = LdirectordOptions.LogTarget.DEFAULT;
    private boolean supervised;
    private Optional<Syslog> syslog = Optional.empty();

    public LogSink(
            String instance,
            boolean debug,
            PrintStream standardOutput,
            PrintStream standardError,
            Supplier<LocalDateTime> clock) {
        this.instance = instance;
        this.debug = debug;
        this.standardOutput = standardOutput;
        this.standardError = standardError;
        this.clock = clock;
    }

    @Override
    public void follow(LdirectordOptions options) {
        if (!options.log().equals(target)) {
            close();
        }
        target = options.log();
        supervised = options.supervised();
    }

    @Override
    public void log(String message) {
        if (debug) {
            // COMPAT: once as a message for debugging and once as the line of the log
            standardError.println("DEBUG2: " + message);
            standardError.println(message);
            standardError.flush();
        } else if (supervised) {
            standardOutput.println(LogLine.ofSupervised(clock.get(), message));
            standardOutput.flush();
        } else {
            switch (target) {
                case LdirectordOptions.LogFile(String path) -> append(Path.of(path), message);
                case LdirectordOptions.SyslogFacility(String facility) -> syslog(facility, message);
            }
        }
    }

    @Override
    public void debug(String message) {
        if (debug) {
            standardError.println("DEBUG2: " + message);
            standardError.flush();
        }
    }

    /** The file is opened for each line, so that it can be rotated at any time. */
    private void append(Path file, String message) {
        try {
            Files.writeString(
                    file,
                    LogLine.ofFile(clock.get(), instance, pid, message) + "\n",
                    StandardCharsets.ISO_8859_1,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            standardError.println(message + " (not logged: " + e.getMessage() + ")");
        }
    }

    private void syslog(String facility, String message) {
        try {
            if (syslog.isEmpty()) {
                syslog = Optional.of(Syslog.open(facility, pid));
            }
            syslog.get().write(message);
        } catch (IOException e) {
            syslog.ifPresent(Syslog::close);
            syslog = Optional.empty();
            standardError.println(message + " (not logged: " + e.getMessage() + ")");
        }
    }

    @Override
    public void close() {
        syslog.ifPresent(Syslog::close);
        syslog = Optional.empty();
    }

    /** A logger(1) that sends each line it is given; Java has no datagram sockets of the Unix family. */
    private record Syslog(Process logger, BufferedWriter lines) {
        static Syslog open(String facility, long pid) throws IOException {
            Process logger = new ProcessBuilder("logger", "-t", "ldirectord", "--id=" + pid, "-p", facility + ".info")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new Syslog(logger, logger.outputWriter(StandardCharsets.ISO_8859_1));
        }

        void write(String message) throws IOException {
            lines.write(message.replace('\n', ' '));
            lines.newLine();
            lines.flush();
        }

        /** Lets logger send what it was given. */
        void close() {
            try {
                lines.close();
                logger.waitFor();
            } catch (IOException e) {
                logger.destroy();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
