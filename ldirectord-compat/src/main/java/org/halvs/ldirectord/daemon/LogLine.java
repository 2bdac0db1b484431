package org.halvs.ldirectord.daemon;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The forms of a line in ldirectord's log. Pure. */
final class LogLine {
    /** As ctime(3), for a day of two digits. */
    private static final DateTimeFormatter CTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT);

    private LogLine() {}

    /** As ctime(3) has it: {@code Thu Nov 20 17:03:00 2025}, {@code Sun Nov  2 …}. */
    static String time(LocalDateTime time) {
        return CTIME.format(time);
    }

    /** {@code [Thu Nov 20 17:03:00 2025|ldirectord.cf|4711] MSG}. */
    static String ofFile(LocalDateTime time, String instance, long pid, String message) {
        return "[" + time(time) + "|" + instance + "|" + pid + "] " + message;
    }

    /** {@code [Thu Nov 20 17:03:00 2025] MSG}, where a supervisor reads standard output. */
    static String ofSupervised(LocalDateTime time, String message) {
        return "[" + time(time) + "] " + message;
    }
}
