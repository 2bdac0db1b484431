package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.event.EventLog;

/** Where events go: the log and the history. Confined to the control thread. */
final class EventSink {
    private static final Logger LOG = System.getLogger("halvs");
    private static final int HISTORY = 2000;

    private final EventLog history = new EventLog(HISTORY);

    void emit(DomainEvent event) {
        history.add(new EventLog.Recorded(Instant.now(), event));
        LOG.log(level(event.severity()), event.text());
    }

    EventLog history() {
        return history;
    }

    private static Level level(DomainEvent.Severity severity) {
        return switch (severity) {
            case INFO -> Level.INFO;
            case WARNING -> Level.WARNING;
            case ERROR -> Level.ERROR;
        };
    }
}
