package org.halvs.ha.runtime;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.event.EventLog;
import org.halvs.ha.event.EventRecord;

/** Where events go: the log, the history, whoever listens. Confined to the control thread. */
final class EventSink {
    /** Of each node. */
    private static final int HISTORY = 2000;

    private final String node;
    private final EventLog history = new EventLog(HISTORY);
    private final BiConsumer<DomainEvent, EventRecord> log;
    private final List<BiConsumer<DomainEvent, EventRecord>> own = new ArrayList<>();
    private final List<Consumer<EventRecord>> all = new ArrayList<>();

    /**
     * @param past what is known from before this start, the events of each node in their order
     * @param log writes an event to the log
     */
    EventSink(String node, List<EventRecord> past, BiConsumer<DomainEvent, EventRecord> log) {
        this.node = node;
        this.log = log;
        past.forEach(history::add);
    }

    void emit(DomainEvent event) {
        Instant now = Instant.now();
        // The time is part of the number, so that a node that lost its history does not count from the beginning.
        long id = Math.max(history.latestId(node) + 1, now.toEpochMilli());
        EventRecord record = EventRecord.of(node, id, now, event);
        history.add(record);
        log.accept(event, record);
        own.forEach(listener -> listener.accept(event, record));
        all.forEach(listener -> listener.accept(record));
    }

    /** Another node tells of an event. */
    void told(EventRecord record) {
        if (history.add(record)) {
            all.forEach(listener -> listener.accept(record));
        }
    }

    /** Calls {@code listener} with each event of this node from now on. */
    void onOwn(BiConsumer<DomainEvent, EventRecord> listener) {
        own.add(listener);
    }

    /** Calls {@code listener} with each event of any node from now on; {@link #forget} ends that. */
    void onAny(Consumer<EventRecord> listener) {
        all.add(listener);
    }

    void forget(Consumer<EventRecord> listener) {
        all.remove(listener);
    }

    EventLog history() {
        return history;
    }
}
