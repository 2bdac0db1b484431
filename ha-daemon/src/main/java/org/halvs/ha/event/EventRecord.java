package org.halvs.ha.event;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An event as it is kept, shown and told to the other nodes: it outlives the program that made it. Immutable.
 *
 * @param node on which it happened
 * @param id greater for each later event of that node, also over restarts
 * @param time of day at which it was recorded
 * @param kind the name of the event's type
 * @param details what the event says in its parts: text, numbers, flags, lists of text
 */
public record EventRecord(
        String node,
        long id,
        Instant time,
        DomainEvent.Severity severity,
        String kind,
        String text,
        Map<String, Object> details) {
    public EventRecord {
        details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }

    public static EventRecord of(String node, long id, Instant time, DomainEvent event) {
        return new EventRecord(
                node,
                id,
                time,
                event.severity(),
                event.getClass().getSimpleName(),
                event.text(),
                EventDetails.of(event));
    }
}
