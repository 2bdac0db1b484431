package org.halvs.ha.event;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The latest events of all nodes; of each node the oldest go when there are too many. Confined to the control thread. */
public final class EventLog {
    /** Time comes first; of one moment the order of each node's own events holds. */
    private static final Comparator<EventRecord> ORDER = Comparator.comparing(EventRecord::time)
            .thenComparing(EventRecord::node)
            .thenComparingLong(EventRecord::id);

    private final int limit;
    private final Map<String, NavigableMap<Long, EventRecord>> byNode = new TreeMap<>();

    /**
     * @param limit how many events of each node are kept, 1 or more
     */
    public EventLog(int limit) {
        this.limit = limit;
    }

    /** Adds an event unless it is there already, or older than all that are kept; answers whether it did. */
    public boolean add(EventRecord event) {
        NavigableMap<Long, EventRecord> events = byNode.computeIfAbsent(event.node(), _ -> new TreeMap<>());
        boolean tooOld = events.size() == limit && event.id() < events.firstKey();
        if (tooOld || events.putIfAbsent(event.id(), event) != null) {
            return false;
        }
        if (events.size() > limit) {
            events.pollFirstEntry();
        }
        return true;
    }

    /** The id of the latest event known of a node, 0 when none is. */
    public long latestId(String node) {
        NavigableMap<Long, EventRecord> events = byNode.get(node);
        return events == null || events.isEmpty() ? 0 : events.lastKey();
    }

    /** Up to {@code most} of the latest events of all nodes, by time. */
    public List<EventRecord> latest(int most, Optional<Instant> since) {
        List<EventRecord> all = byNode.values().stream()
                .flatMap(events -> events.values().stream())
                .filter(event -> since.isEmpty() || !event.time().isBefore(since.get()))
                .sorted(ORDER)
                .toList();
        return all.subList(Math.max(0, all.size() - most), all.size());
    }

    /** Up to {@code most} of the latest events of one node, of those after {@code id}, in order. */
    public List<EventRecord> after(String node, long id, int most) {
        NavigableMap<Long, EventRecord> events = byNode.getOrDefault(node, new TreeMap<>());
        List<EventRecord> later = List.copyOf(events.tailMap(id, false).values());
        return later.subList(Math.max(0, later.size() - most), later.size());
    }
}
