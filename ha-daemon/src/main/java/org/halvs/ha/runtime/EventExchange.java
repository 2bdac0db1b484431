package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.event.EventMessage;
import org.halvs.ha.event.EventRecord;
import org.halvs.ha.membership.ClusterMessage;
import org.halvs.ha.membership.Membership;

/**
 * Keeps the nodes' histories together: tells the others of this node's events, asks those that come for what was missed. Confined to the control
 * thread.
 */
final class EventExchange {
    private static final long TELL_AFTER_MILLIS = 200;
    /** A flood is cut off here: of more events than this between two messages the others get the latest. */
    private static final int MOST_AT_ONCE = 500;

    private final ControlLoop loop;
    private final EventSink events;
    private final Membership membership;
    private List<EventRecord> untold = new ArrayList<>();
    private boolean scheduled;
    private boolean ending;

    EventExchange(ControlLoop loop, EventSink events, Membership membership) {
        this.loop = loop;
        this.events = events;
        this.membership = membership;
        events.onOwn(this::tell);
    }

    private void tell(DomainEvent event, EventRecord record) {
        untold.add(record);
        if (untold.size() > MOST_AT_ONCE) {
            untold.removeFirst();
        }
        ending |= event instanceof DomainEvent.ShutdownBegun;
        if (ending) { // there may be no later, but what moves resources goes first
            loop.enqueue(this::broadcast);
        } else if (!scheduled) {
            scheduled = true;
            loop.schedule(TELL_AFTER_MILLIS, () -> {
                scheduled = false;
                broadcast();
            });
        }
    }

    private void broadcast() {
        List<EventRecord> now = untold;
        untold = new ArrayList<>();
        EventMessage.encode(now).forEach(part -> membership.broadcast(wrapped(part)));
    }

    /** Nodes that were not there before are members now. */
    void joined(List<String> nodes) {
        nodes.stream()
                .filter(node -> !node.equals(membership.localNode()))
                .forEach(node -> membership.send(
                        node,
                        wrapped(EventMessage.encode(
                                new EventMessage.Wanted(events.history().latestId(node))))));
    }

    private static byte[] wrapped(byte[] message) {
        return new ClusterMessage(ClusterMessage.Kind.EVENTS, message).encode();
    }

    /** Another node said something about events. May be called from any thread. */
    void onMessage(String node, byte[] message) {
        loop.enqueue(() -> heard(node, message));
    }

    /** What another version says is passed over. */
    private void heard(String node, byte[] message) {
        Optional<EventMessage> read = EventMessage.decode(message);
        if (read.isEmpty()) {
            return;
        }
        switch (read.get()) {
            case EventMessage.Told told ->
                told.events().stream()
                        .filter(record -> record.node().equals(node))
                        .forEach(events::told);
            case EventMessage.Wanted wanted ->
                EventMessage.encode(events.history().after(membership.localNode(), wanted.afterId(), MOST_AT_ONCE))
                        .forEach(part -> membership.send(node, wrapped(part)));
        }
    }
}
