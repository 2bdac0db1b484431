package org.halvs.ha.runtime;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.Layout;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends lines to the local syslog through a logger(1) that runs as long as it does, because Java has no datagram sockets of the Unix family. One
 * that has died is started again with the next line. Stands behind a queue: its pipe may block.
 */
final class SyslogAppender extends AppenderBase<ILoggingEvent> {
    private static final long PATIENCE_MILLIS = 1000;

    private final List<String> command;
    private final Layout<ILoggingEvent> layout;
    private @Nullable Process logger;
    private @Nullable BufferedWriter lines;

    /**
     * @param facility a syslog facility by its name
     * @param layout makes one line, which begins with {@code <N>}, the severity
     */
    SyslogAppender(String facility, Layout<ILoggingEvent> layout) {
        this(List.of("logger", "-t", "heartbeat", "-p", facility + ".info", "--prio-prefix"), layout);
    }

    SyslogAppender(List<String> command, Layout<ILoggingEvent> layout) {
        this.command = List.copyOf(command);
        this.layout = layout;
    }

    @Override
    protected void append(ILoggingEvent event) {
        try {
            write(layout.doLayout(event).stripTrailing().replace('\n', ' '));
        } catch (IOException e) {
            end();
            addError("syslog: " + e.getMessage(), e);
        }
    }

    private void write(String line) throws IOException {
        Process running = logger;
        BufferedWriter open = lines;
        if (running == null || open == null || !running.isAlive()) {
            running = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            open = running.outputWriter(StandardCharsets.UTF_8);
            logger = running;
            lines = open;
        }
        open.write(line);
        open.newLine();
        open.flush();
    }

    @Override
    public void stop() {
        super.stop();
        end();
    }

    /** Lets it send what it was given. */
    private void end() {
        try {
            if (lines != null) {
                lines.close();
            }
            if (logger != null && !logger.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                logger.destroyForcibly();
            }
        } catch (IOException e) {
            addInfo("syslog: " + e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        lines = null;
        logger = null;
    }
}
