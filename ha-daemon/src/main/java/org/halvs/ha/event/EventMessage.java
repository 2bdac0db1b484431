package org.halvs.ha.event;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What nodes tell each other about events: those that happened, or which are wanted. On the wire a version, a type, then a number of 8 bytes or
 * lines of JSON.
 */
public sealed interface EventMessage {

    /** Events of the sender, in order. */
    record Told(List<EventRecord> events) implements EventMessage {
        public Told {
            events = List.copyOf(events);
        }
    }

    /** The receiver is asked for those of its events that came after one. */
    record Wanted(long afterId) implements EventMessage {}

    /** More than this does not go into one message. */
    int MOST_BYTES = 256 * 1024;

    int HEADER = 2;
    byte VERSION = 1;
    byte TOLD = 1;
    byte WANTED = 2;

    /** Empty for what this version can't read. */
    static Optional<EventMessage> decode(byte[] message) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(message);
            if (buffer.get() != VERSION) {
                return Optional.empty();
            }
            return switch (buffer.get()) {
                case TOLD ->
                    Optional.of(told(new String(message, HEADER, message.length - HEADER, StandardCharsets.UTF_8)));
                case WANTED -> Optional.of(new Wanted(buffer.getLong()));
                default -> Optional.empty();
            };
        } catch (BufferUnderflowException _) {
            return Optional.empty();
        }
    }

    private static Told told(String lines) {
        return new Told(
                lines.lines().flatMap(line -> EventJson.read(line).stream()).toList());
    }

    /** The message that asks for events. */
    static byte[] encode(Wanted wanted) {
        return ByteBuffer.allocate(HEADER + Long.BYTES)
                .put(VERSION)
                .put(WANTED)
                .putLong(wanted.afterId())
                .array();
    }

    /** As many messages as it takes to tell of the events; one that is too long for any is left out. */
    static List<byte[]> encode(List<EventRecord> events) {
        List<byte[]> messages = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (EventRecord event : events) {
            String line = EventJson.write(event) + "\n";
            if (bytes(line) > MOST_BYTES) {
                continue;
            }
            if (bytes(lines) + bytes(line) > MOST_BYTES) {
                messages.add(message(lines));
                lines.setLength(0);
            }
            lines.append(line);
        }
        if (!lines.isEmpty()) {
            messages.add(message(lines));
        }
        return messages;
    }

    /** At the most. */
    private static int bytes(CharSequence text) {
        return 3 * text.length();
    }

    private static byte[] message(CharSequence lines) {
        byte[] text = lines.toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(HEADER + text.length)
                .put(VERSION)
                .put(TOLD)
                .put(text)
                .array();
    }
}
