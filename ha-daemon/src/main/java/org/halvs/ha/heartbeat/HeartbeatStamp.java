package org.halvs.ha.heartbeat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What heartbeat's programs put before a line they log: {@code Nov 20 17:39:20 alice cl_status: [437]: }.
 *
 * @param program the name of the program that logs
 */
public record HeartbeatStamp(LocalDateTime time, String host, String program, long pid) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ROOT);

    /** Puts it before each line that is meant for the log, which those are that begin with a priority. */
    public String stamp(String lines) {
        return lines.lines()
                .map(line -> isLogged(line) ? before() + line : line)
                .collect(Collectors.joining("\n", "", lines.isEmpty() ? "" : "\n"));
    }

    /** The time alone, which is what heartbeat's shell scripts put before a line. */
    public static String time(LocalDateTime time) {
        return TIME.format(time);
    }

    private static boolean isLogged(String line) {
        return line.startsWith("ERROR: ") || line.startsWith("WARN: ") || line.startsWith("info: ");
    }

    private String before() {
        return TIME.format(time) + " " + host + " " + program + ": [" + pid + "]: ";
    }
}
