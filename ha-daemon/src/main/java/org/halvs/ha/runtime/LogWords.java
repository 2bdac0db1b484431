package org.halvs.ha.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.halvs.ha.heartbeat.HeartbeatStamp;

/** The words of a log line that heartbeat has and Logback has not. */
final class LogWords {
    private static final String HEARTBEAT = "heartbeat";

    private LogWords() {}

    /** Makes {@code %stamp}, {@code %who}, {@code %tag}, {@code %priority} and {@code %severity} known to a layout. */
    static void teach(PatternLayout layout) {
        layout.getInstanceConverterMap().put("stamp", Stamp::new);
        layout.getInstanceConverterMap().put("who", Who::new);
        layout.getInstanceConverterMap().put("tag", Tag::new);
        layout.getInstanceConverterMap().put("priority", Priority::new);
        layout.getInstanceConverterMap().put("severity", Severity::new);
    }

    private static boolean isHeartbeats(ILoggingEvent event) {
        return event.getLoggerName().equals(HEARTBEAT);
    }

    private static boolean isCritical(ILoggingEvent event) {
        List<org.slf4j.Marker> markers = event.getMarkerList();
        return markers != null && markers.contains(DaemonLog.CRITICAL);
    }

    /** The time as heartbeat writes it, in English whatever the machine speaks. */
    static final class Stamp extends ClassicConverter {
        @Override
        public String convert(ILoggingEvent event) {
            return HeartbeatStamp.time(LocalDateTime.ofInstant(event.getInstant(), ZoneId.systemDefault()));
        }
    }

    /** The program a line is of. */
    static final class Who extends ClassicConverter {
        @Override
        public String convert(ILoggingEvent event) {
            return isHeartbeats(event) ? HEARTBEAT : "halvs";
        }
    }

    /** The same where our own lines need no name. */
    static final class Tag extends ClassicConverter {
        @Override
        public String convert(ILoggingEvent event) {
            return isHeartbeats(event) ? HEARTBEAT + ": " : "";
        }
    }

    /** heartbeat's word for how much it matters. */
    static final class Priority extends ClassicConverter {
        @Override
        public String convert(ILoggingEvent event) {
            if (isCritical(event)) {
                return "CRIT";
            }
            return switch (event.getLevel().toInt()) {
                case Level.ERROR_INT -> "ERROR";
                case Level.WARN_INT -> "WARN";
                case Level.INFO_INT -> "info";
                default -> "debug";
            };
        }
    }

    /** syslog's number for it, as logger(1) reads it with --prio-prefix, without a facility. */
    static final class Severity extends ClassicConverter {
        @Override
        public String convert(ILoggingEvent event) {
            if (isCritical(event)) {
                return "<2>";
            }
            return switch (event.getLevel().toInt()) {
                case Level.ERROR_INT -> "<3>";
                case Level.WARN_INT -> "<4>";
                case Level.INFO_INT -> "<6>";
                default -> "<7>";
            };
        }
    }
}
