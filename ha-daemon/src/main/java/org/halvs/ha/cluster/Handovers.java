package org.halvs.ha.cluster;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
    private final Consumer<DomainEvent> events;
    private final GroupActions actions;
    private final Runnable ended;
    private final Map<String, Lingering> lingering = new LinkedHashMap<>();
    private long begun;

    /** @param number tells one handover of a group from an earlier one, whose timers may still run */
    private record Lingering(ResourceGroup group, long number) {}

    /** @param ended called after each end of a handover */
    Handovers(ControlLoop loop, Consumer<DomainEvent> events, GroupActions actions, Runnable ended) {
        this.loop = loop;
        this.events = events;
        this.actions = actions;
        this.ended = ended;
    }

    /** The group is stopped here but for packets that are on their way. */
    void begun(ResourceGroup group) {
        Lingering handover = new Lingering(group, ++begun);
        lingering.put(group.key(), handover);
        letGoIn(LIMIT_MILLIS, handover);
    }

    /** Another node says what it has. */
    void heard(NodeStatus status) {
        for (Lingering handover : List.copyOf(lingering.values())) {
            if (status.group(handover.group.key()).claim() == Claim.HELD) {
                letGoIn(GO_ROUND_MILLIS, handover);
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

    private void letGoIn(long millis, Lingering handover) {
        loop.schedule(millis, () -> {
            if (isCurrent(handover)) {
                actions.letGo(handover.group, outcome -> loop.enqueue(() -> gone(handover, outcome)));
            }
        });
    }

    private boolean isCurrent(Lingering handover) {
        return handover.equals(lingering.get(handover.group.key()));
    }

    private void gone(Lingering handover, GroupOutcome outcome) {
        if (!isCurrent(handover)) {
            return;
        }
        if (outcome instanceof GroupOutcome.Failed failed) {
            events.accept(new DomainEvent.Degraded(
                    failed.resource().text(),
                    failed.text() + "; it stays on this host, which does not answer for it, and is tried again"));
            letGoIn(RETRY_MILLIS, handover);
        } else {
            lingering.remove(handover.group.key());
        }
        ended.run();
    }
}
