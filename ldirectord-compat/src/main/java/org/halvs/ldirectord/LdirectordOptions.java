package org.halvs.ldirectord;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The directives that are about the program rather than about one virtual service, with ldirectord's defaults filled in.
 *
 * @param log where log lines go
 * @param checkInterval time from one round of checks to the next, positive
 * @param autoReload whether a changed file is read again
 * @param callback a program run with the file's path after it has changed
 * @param execute other configuration files that are to be served as well, in their order
 * @param maintenanceDir where files named after real servers put them out of service
 * @param supervised whether the program stays in the foreground and writes its log to standard output
 * @param fork whether ldirectord would check every virtual service in a process of its own
 */
public record LdirectordOptions(
        LogTarget log,
        Duration checkInterval,
        boolean autoReload,
        Optional<String> callback,
        List<String> execute,
        EmailAlert emailAlert,
        Optional<String> maintenanceDir,
        boolean supervised,
        boolean fork) {

    /** Where log lines go. */
    public sealed interface LogTarget {
        /** ldirectord's default. */
        LogTarget DEFAULT = new LogFile("/var/log/ldirectord.log");
    }

    /** A file that lines are appended to. */
    public record LogFile(String path) implements LogTarget {}

    /** Syslog. */
    public record SyslogFacility(String facility) implements LogTarget {}

    public LdirectordOptions {
        execute = List.copyOf(execute);
    }
}
