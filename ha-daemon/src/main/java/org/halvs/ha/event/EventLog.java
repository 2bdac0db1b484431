package org.halvs.ha.event;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The latest events of this node, oldest first; the oldest go when there are too many. Confined to the control thread. */
public final class EventLog {

    /** An event with the time of day at which it was recorded. */
    public record Recorded(Instant time, DomainEvent event) {}

    private final int limit;
    private final Deque<Recorded> events = new ArrayDeque<>();

    /**
     * @param limit how many events are kept, 1 or more
     */
    public EventLog(int limit) {
        this.limit = limit;
    }

    public void add(Recorded recorded) {
        if (events.size() == limit) {
            events.removeFirst();
        }
        events.addLast(recorded);
    }

    /** Up to {@code most} of the latest events, oldest first. */
    public List<Recorded> latest(int most) {
        return events.stream().skip(Math.max(0, events.size() - most)).toList();
    }
}
