package org.halvs.ha.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import java.nio.charset.StandardCharsets;
import org.halvs.ha.config.LogSettings;
import org.slf4j.LoggerFactory;

/**
 * Where the log goes: standard output, which the journal keeps, and the {@code logfile} of ha.cf. The syslog facility of ha.cf is the
 * journal's business.
 */
public final class DaemonLog {
    private static final String CONSOLE = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %msg%n";
    /** heartbeat's shape of a line: {@code Nov 20 17:31:53 alice halvs: [21]: WARN: text}. */
    private static final String FILE = "%d{MMM dd HH:mm:ss} %property{node} halvs: [%property{pid}]: %level: %msg%n";

    private DaemonLog() {}

    /** Standard output only, until the configuration is read. */
    public static void start() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        begin(context, console, CONSOLE);
        root.addAppender(console);
        context.getLogger("org.jgroups").setLevel(Level.ERROR);
    }

    /** Adds what ha.cf asks for. */
    public static void configure(LogSettings settings, String node) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.putProperty("node", node);
        context.putProperty("pid", Long.toString(ProcessHandle.current().pid()));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        if (settings.debug() > 0) {
            context.getLogger("org.halvs").setLevel(Level.DEBUG);
        }
        settings.logfile().ifPresent(file -> {
            FileAppender<ILoggingEvent> appender = new FileAppender<>();
            appender.setFile(file);
            begin(context, appender, FILE);
            root.addAppender(appender);
        });
    }

    /** Warnings for whoever typed a command. */
    static ConsoleAppender<ILoggingEvent> standardError(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setTarget("System.err");
        begin(context, appender, "halvs: %msg%n");
        return appender;
    }

    private static void begin(LoggerContext context, OutputStreamAppender<ILoggingEvent> appender, String pattern) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern(pattern);
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
    }
}
