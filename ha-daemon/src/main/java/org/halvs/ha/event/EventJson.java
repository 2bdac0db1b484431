package org.halvs.ha.event;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** An {@link EventRecord} as a line of JSON: on disk, between nodes, and for programs. */
public final class EventJson {
    private EventJson() {}

    /** Without a line end. */
    public static String write(EventRecord event) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("time", event.time().toString());
        tree.put("node", event.node());
        tree.put("id", event.id());
        tree.put("severity", event.severity().name());
        tree.put("kind", event.kind());
        tree.put("text", event.text());
        tree.put("details", event.details());
        try {
            return JSON.std.asString(tree);
        } catch (IOException e) {
            throw new UncheckedIOException("a tree of maps and strings is always JSON", e);
        }
    }

    /** Empty for whatever is not exactly such a line, a torn one for example. */
    public static Optional<EventRecord> read(String line) {
        try {
            Map<String, Object> tree = JSON.std.mapFrom(line);
            return tree.get("node") instanceof String node
                            && tree.get("id") instanceof Number id
                            && tree.get("time") instanceof String time
                            && tree.get("severity") instanceof String severity
                            && tree.get("kind") instanceof String kind
                            && tree.get("text") instanceof String text
                    ? Optional.of(new EventRecord(
                            node,
                            id.longValue(),
                            Instant.parse(time),
                            DomainEvent.Severity.valueOf(severity),
                            kind,
                            text,
                            details(tree.get("details"))))
                    : Optional.empty();
        } catch (IOException | DateTimeException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Map<String, Object> details(@org.jspecify.annotations.Nullable Object value) {
        Map<String, Object> details = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, part) -> {
                if (part != null) {
                    details.put(String.valueOf(key), part);
                }
            });
        }
        return details;
    }
}
