package org.halvs.ha.event;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The parts of an event by name, so that a new kind of event is kept and shown without further work. */
final class EventDetails {
    private EventDetails() {}

    /** Components of a record that are no text, number, flag or list stand as their text. */
    static Map<String, Object> of(DomainEvent event) {
        Map<String, Object> details = new LinkedHashMap<>();
        if (event instanceof Record) {
            for (RecordComponent component : event.getClass().getRecordComponents()) {
                details.put(component.getName(), plain(value(event, component)));
            }
        }
        details.remove("text"); // has a place of its own
        return details;
    }

    private static Object value(DomainEvent event, RecordComponent component) {
        try {
            return component.getAccessor().invoke(event);
        } catch (IllegalAccessException | InvocationTargetException e) {
            return "(" + e + ")";
        }
    }

    private static Object plain(Object value) {
        return switch (value) {
            case String text -> text;
            case Boolean flag -> flag;
            case Integer number -> number;
            case Long number -> number;
            case Collection<?> all -> all.stream().map(String::valueOf).toList();
            default -> String.valueOf(value);
        };
    }
}
