package org.halvs.ha.runtime;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.halvs.ldirectord.daemon.DaemonOutput;
import org.halvs.ldirectord.daemon.LogSink;
import org.halvs.ldirectord.daemon.SendmailCarrier;
import org.halvs.ldirectord.daemon.SmtpCarrier;
import org.halvs.ldirectord.daemon.Surroundings;

/** What ldirectord configurations need besides a table: their logs, mails, and the program ldirectord itself. Thread-safe. */
final class LdirectordParts implements AutoCloseable {
    private static final Path SENDMAIL = Path.of("/usr/sbin/sendmail");
    private static final String PROGRAM = "ldirectord";

    private final Queue<QueuedOutput> logs = new ConcurrentLinkedQueue<>();

    /** @param host the name of this machine */
    static Surroundings surroundings(String host) {
        return new Surroundings(new SmtpCarrier(host, new SendmailCarrier(SENDMAIL)), List.of(ldirectord()), host);
    }

    /** The program of this package where this process was started from one, for the configurations named by {@code execute}. */
    private static String ldirectord() {
        Path home = Path.of(System.getProperty("java.class.path", ""))
                .toAbsolutePath()
                .getParent();
        Path beside =
                home == null ? Path.of(PROGRAM) : home.resolveSibling("bin").resolve(PROGRAM);
        return Files.isExecutable(beside) ? beside.toString() : "/usr/sbin/" + PROGRAM;
    }

    /** The log a configuration names, in the old format: beside it everything is among the events of the daemon. */
    DaemonOutput log(Path configuration) {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        LogSink sink = new LogSink(
                String.valueOf(configuration.getFileName()), false, nowhere, System.err, LocalDateTime::now);
        QueuedOutput log = new QueuedOutput(sink);
        logs.add(log);
        return log;
    }

    @Override
    public void close() {
        logs.forEach(QueuedOutput::close);
    }
}
