package org.halvs.ha.membership.jgroups;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Locale;
import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jgroups.logging.LogFactory;

/**
 * Carries what JGroups logs to {@link System.Logger}, one level quieter than JGroups thinks of it: its INFO is the daemon's DEBUG, so that an administrator
 * sees only its warnings and errors. Thread-safe.
 */
final class JGroupsLog implements Log {
    private final Logger logger;

    private JGroupsLog(String name) {
        logger = System.getLogger(name);
    }

    /** From now on all loggers of JGroups are of this kind; call it before anything else of JGroups. */
    static void install() {
        LogFactory.setCustomLogFactory(new CustomLogFactory() {
            @Override
            public Log getLog(Class<?> clazz) {
                return new JGroupsLog(clazz.getName());
            }

            @Override
            public Log getLog(String category) {
                return new JGroupsLog(category);
            }
        });
    }

    private void log(Level level, String format, Object... arguments) {
        if (logger.isLoggable(level)) {
            String text = arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments);
            logger.log(level, () -> text); // a supplier, because JGroups' braces are no placeholders
        }
    }

    private void log(Level level, String message, Throwable cause) {
        logger.log(level, () -> message, cause);
    }

    @Override
    public boolean isFatalEnabled() {
        return logger.isLoggable(Level.ERROR);
    }

    @Override
    public boolean isErrorEnabled() {
        return logger.isLoggable(Level.ERROR);
    }

    @Override
    public boolean isWarnEnabled() {
        return logger.isLoggable(Level.WARNING);
    }

    @Override
    public boolean isInfoEnabled() {
        return logger.isLoggable(Level.DEBUG);
    }

    @Override
    public boolean isDebugEnabled() {
        return logger.isLoggable(Level.TRACE);
    }

    @Override
    public boolean isTraceEnabled() {
        return false; // every packet; nobody reads that
    }

    @Override
    public void fatal(String message) {
        log(Level.ERROR, message);
    }

    @Override
    public void fatal(String format, Object... arguments) {
        log(Level.ERROR, format, arguments);
    }

    @Override
    public void fatal(String message, Throwable cause) {
        log(Level.ERROR, message, cause);
    }

    @Override
    public void error(String message) {
        log(Level.ERROR, message);
    }

    @Override
    public void error(String format, Object... arguments) {
        log(Level.ERROR, format, arguments);
    }

    @Override
    public void error(String message, Throwable cause) {
        log(Level.ERROR, message, cause);
    }

    @Override
    public void warn(String message) {
        log(Level.WARNING, message);
    }

    @Override
    public void warn(String format, Object... arguments) {
        log(Level.WARNING, format, arguments);
    }

    @Override
    public void warn(String message, Throwable cause) {
        log(Level.WARNING, message, cause);
    }

    @Override
    public void info(String message) {
        log(Level.DEBUG, message);
    }

    @Override
    public void info(String format, Object... arguments) {
        log(Level.DEBUG, format, arguments);
    }

    @Override
    public void debug(String message) {
        log(Level.TRACE, message);
    }

    @Override
    public void debug(String format, Object... arguments) {
        log(Level.TRACE, format, arguments);
    }

    @Override
    public void debug(String message, Throwable cause) {
        log(Level.TRACE, message, cause);
    }

    @Override
    public void trace(Object message) {
        // see isTraceEnabled
    }

    @Override
    public void trace(String message) {
        // see isTraceEnabled
    }

    @Override
    public void trace(String format, Object... arguments) {
        // see isTraceEnabled
    }

    @Override
    public void trace(String message, Throwable cause) {
        // see isTraceEnabled
    }

    /** Levels are set where all others are, in the configuration of the log. */
    @Override
    public void setLevel(String level) {
        // nothing to do
    }

    @Override
    public String getLevel() {
        return isDebugEnabled() ? "debug" : isInfoEnabled() ? "info" : "warn";
    }
}
