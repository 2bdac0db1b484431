package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.BiConsumer;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.cluster.GroupOutcome;
import org.halvs.ha.event.DomainEvent;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/** Brings what happens to resources, on whatever thread, to the events and to the cluster. Thread-safe. */
final class ResourceReports implements ResourceProgress, ResourceFindings {
    private static final Logger LOG = System.getLogger("halvs");

    private final ControlLoop loop;
    private final EventSink events;
    private volatile BiConsumer<ResourceGroup, GroupOutcome> lost = (_, _) -> {};

    ResourceReports(ControlLoop loop, EventSink events) {
        this.loop = loop;
        this.events = events;
    }

    /** {@code listener} gets to know, on the control thread, that a group does not hold here, and what came of stopping it. */
    void tellOfLost(BiConsumer<ResourceGroup, GroupOutcome> listener) {
        lost = listener;
    }

    @Override
    public void acted(
            ResourceGroup group,
            List<ResourceSpec> resources,
            Action action,
            List<ActionResult> results,
            long tookMillis) {
        LOG.log(
                Level.DEBUG,
                "{0} of {1}{2} in group {3} took {4} ms",
                action.word(),
                resources.getFirst(),
                resources.size() > 1 ? " and " + (resources.size() - 1) + " more" : "",
                group.key(),
                tookMillis);
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i) instanceof ActionResult.Failed || results.get(i) instanceof ActionResult.TimedOut) {
                failed(group, resources.get(i), action, results.get(i).text());
            }
        }
    }

    /** A start that fails is told at once: the stops that follow may take their time. A stop is tried again. */
    private void failed(ResourceGroup group, ResourceSpec resource, Action action, String text) {
        if (action == Action.START) {
            emit(new DomainEvent.ResourceFailed(group.key(), resource.text(), action.word(), text));
        } else {
            LOG.log(Level.WARNING, "{0} of {1} in group {2} failed: {3}", action.word(), resource, group.key(), text);
        }
    }

    @Override
    public void odd(ResourceGroup group, ResourceSpec resource, String text) {
        emit(new DomainEvent.Degraded("group " + group.key(), text));
    }

    @Override
    public void restarted(ResourceGroup group, ResourceSpec resource, String why) {
        emit(new DomainEvent.Degraded(resource + " in group " + group.key(), why + "; started again"));
    }

    @Override
    public void lost(ResourceGroup group, ResourceSpec resource, String why, GroupOutcome stopped) {
        loop.enqueue(() -> {
            events.emit(new DomainEvent.ResourceFailed(group.key(), resource.text(), "monitor", why));
            lost.accept(group, stopped);
        });
    }

    /** Something of this node is not as it should be, and being mended. */
    void degraded(String object, String reason) {
        emit(new DomainEvent.Degraded(object, reason));
    }

    private void emit(DomainEvent event) {
        loop.enqueue(() -> events.emit(event));
    }
}
