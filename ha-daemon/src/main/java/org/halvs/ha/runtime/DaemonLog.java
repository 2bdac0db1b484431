package org.halvs.ha.runtime;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.config.LogSettings;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.heartbeat.HeartbeatLine;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * Where the log goes: standard output, which the journal keeps, and what ha.cf asks for: {@code logfile} without and {@code debugfile} with
 * debugging, and {@code logfacility} of syslog. heartbeat's own lines are those of the logger {@code heartbeat}; in files all lines have
 * heartbeat's shape, {@code Nov 20 17:31:53 alice heartbeat: [21]: WARN: text}.
 */
public final class DaemonLog {
    static final Marker CRITICAL = MarkerFactory.getMarker("CRIT");

    private static final String CONSOLE = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %tag%msg%n";
    private static final String FILE = "%stamp %property{node} %who: [%property{pid}]: %priority: %msg%n";
    private static final String SYSLOG = "%severity[%property{pid}]: %priority: %msg%n";
    private static final int MOST_WAITING = 2000;
    private static final String STANDARD_OUTPUT = "console";
    private static final List<String> OF_HA_CF = List.of("logfile", "debugfile", "logfacility");
    private static final org.slf4j.Logger HALVS = LoggerFactory.getLogger("halvs");
    private static final org.slf4j.Logger HEARTBEAT = LoggerFactory.getLogger("heartbeat");

    private DaemonLog() {}

    /** Standard output only, until the configuration is read. */
    public static void start() {
        LoggerContext context = context();
        context.reset();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(console(context));
        context.getLogger("org.jgroups").setLevel(Level.ERROR);
    }

    private static ConsoleAppender<ILoggingEvent> console(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setName(STANDARD_OUTPUT);
        begin(context, console, CONSOLE);
        return console;
    }

    /** Does what ha.cf asks for, in the place of what an earlier one asked for; nobody who logs waits for a disk or a journal any more. */
    public static void configure(LogSettings settings, String node) {
        LoggerContext context = context();
        context.putProperty("node", node);
        context.putProperty("pid", Long.toString(ProcessHandle.current().pid()));
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        OF_HA_CF.forEach(name -> remove(root, name));
        remove(root, STANDARD_OUTPUT);
        root.addAppender(behindQueue(context, console(context)));
        context.getLogger("org.halvs").setLevel(settings.debug() > 0 ? Level.DEBUG : Level.INFO);
        settings.logfile().ifPresent(file -> toFile(context, root, "logfile", file, Level.INFO));
        settings.debugfile().ifPresent(file -> toFile(context, root, "debugfile", file, Level.DEBUG));
        facility(settings).ifPresent(facility -> toSyslog(context, root, facility));
    }

    /** COMPAT: without any of the three heartbeat turned to its log daemon, and that to the facility daemon; the journal is as good. */
    private static Optional<String> facility(LogSettings settings) {
        boolean nothing = settings.logfile().isEmpty()
                && settings.debugfile().isEmpty()
                && settings.facility().isEmpty();
        return nothing && System.getenv("HALVS_DETACHED") != null ? Optional.of("daemon") : settings.facility();
    }

    private static void toFile(LoggerContext context, Logger root, String name, String file, Level least) {
        FileAppender<ILoggingEvent> appender = new FileAppender<>();
        appender.setName(name);
        appender.setFile(file);
        appender.addFilter(threshold(least));
        begin(context, appender, FILE);
        if (appender.isStarted()) {
            root.addAppender(behindQueue(context, appender));
        } else {
            HALVS.warn("{} {} can't be written; the log goes on without it", name, file);
        }
    }

    private static void toSyslog(LoggerContext context, Logger root, String facility) {
        SyslogAppender appender = new SyslogAppender(facility, layout(context, SYSLOG));
        appender.setContext(context);
        appender.setName("logfacility");
        appender.addFilter(threshold(Level.INFO));
        appender.start();
        root.addAppender(behindQueue(context, appender));
    }

    /** A disk or a syslog that hangs costs lines, never the control thread's time. */
    private static Appender<ILoggingEvent> behindQueue(LoggerContext context, Appender<ILoggingEvent> appender) {
        AsyncAppender queue = new AsyncAppender();
        queue.setContext(context);
        queue.setName(appender.getName());
        queue.setNeverBlock(true);
        queue.setQueueSize(MOST_WAITING);
        queue.setDiscardingThreshold(0);
        queue.addAppender(appender);
        queue.start();
        return queue;
    }

    /** Writes what waits to be written; nothing is logged to what ha.cf names afterwards, and what is logged is written at once. */
    static void stop() {
        Logger root = context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        OF_HA_CF.forEach(name -> remove(root, name));
        remove(root, STANDARD_OUTPUT);
        root.addAppender(console(context()));
    }

    private static void remove(Logger root, String name) {
        Appender<ILoggingEvent> appender = root.getAppender(name);
        if (appender != null) {
            root.detachAppender(appender);
            appender.stop();
        }
    }

    private static ThresholdFilter threshold(Level least) {
        ThresholdFilter filter = new ThresholdFilter();
        filter.setLevel(least.levelStr);
        filter.start();
        return filter;
    }

    /** Logs an event in our own words. */
    static void log(DomainEvent event) {
        switch (event.severity()) {
            case INFO -> HALVS.info("{}", event.text());
            case WARNING -> HALVS.warn("{}", event.text());
            case ERROR -> HALVS.error("{}", event.text());
        }
    }

    /** Logs a line of heartbeat's. */
    static void log(HeartbeatLine line) {
        switch (line.priority()) {
            case INFO -> HEARTBEAT.info("{}", line.text());
            case WARN -> HEARTBEAT.warn("{}", line.text());
            case ERROR -> HEARTBEAT.error("{}", line.text());
            case CRIT -> HEARTBEAT.error(CRITICAL, "{}", line.text());
        }
    }

    /** Warnings for whoever typed a command. */
    static ConsoleAppender<ILoggingEvent> standardError(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setTarget("System.err");
        begin(context, appender, "halvs: %msg%n");
        return appender;
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static void begin(LoggerContext context, OutputStreamAppender<ILoggingEvent> appender, String pattern) {
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout(context, pattern));
        encoder.start();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
    }

    private static PatternLayout layout(LoggerContext context, String pattern) {
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        LogWords.teach(layout);
        layout.setPattern(pattern);
        layout.start();
        return layout;
    }
}
