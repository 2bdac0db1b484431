package org.halvs.ha.runtime;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.resource.ResourceGroup;

/**
 * Groups this node has given to another one and still takes packets for: from the moment in which it does not answer for their addresses any more until the other
 * node has them and its announcement has gone round. Confined to the control thread.
 */
final class Handovers {
    /** The other node has it, but a client may hear of that a little later. */
    private static final long GO_ROUND_MILLIS = 50;

    /** The other node does not get it started: packets that come here are of no use to anybody. */
    private static final long LIMIT_MILLIS = 1000;

    private static final long RETRY_MILLIS = 5000;

    private final ControlLoop loop;
    private final EventSink events;
    private final GroupRunner runner;
    private final Runnable ended;
    private final Map<String, ResourceGroup> lingering = new LinkedHashMap<>();

    /** @param ended called after each end of a handover */
    Handovers(ControlLoop loop, EventSink events, GroupRunner runner, Runnable ended) {
        this.loop = loop;
        this.events = events;
        this.runner = runner;
        this.ended = ended;
    }

    /** The group is stopped here but for packets that are on their way. */
    void begun(ResourceGroup group) {
        lingering.put(group.key(), group);
        loop.schedule(LIMIT_MILLIS, () -> letGo(group));
    }

    /** Another node says what it has. */
    void heard(NodeStatus status) {
        for (ResourceGroup group : List.copyOf(lingering.values())) {
            if (status.group(group.key()).claim() == Claim.HELD) {
                loop.schedule(GO_ROUND_MILLIS, () -> letGo(group));
            }
        }
    }

    /** It is starting here again. */
    void cameBack(ResourceGroup group) {
        lingering.remove(group.key());
    }

    boolean none() {
        return lingering.isEmpty();
    }

    private void letGo(ResourceGroup group) {
        if (group.equals(lingering.get(group.key()))) {
            runner.letGo(group, outcome -> loop.enqueue(() -> gone(group, outcome)));
        }
    }

    private void gone(ResourceGroup group, GroupRunner.Outcome outcome) {
        if (!group.equals(lingering.get(group.key()))) {
            return;
        }
        if (outcome instanceof GroupRunner.Outcome.Failed failed) {
            events.emit(new DomainEvent.Degraded(
                    failed.resource().text(),
                    failed.text() + "; it stays on this host, which does not answer for it, and is tried again"));
            loop.schedule(RETRY_MILLIS, () -> letGo(group));
        } else {
            lingering.remove(group.key());
        }
        ended.run();
    }
}
