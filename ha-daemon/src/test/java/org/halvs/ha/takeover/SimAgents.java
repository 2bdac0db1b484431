package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupSequence;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.GroupSequence.Step;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * The agents of a group on one machine: slow, and now and then one does not start. What runs is the machine's affair and outlives the daemon. The first resource
 * of a group is its address, whose name is the group's key; it is there from the begin of its start to the end of its stop.
 */
final class SimAgents {
    private final SimCluster cluster;
    private final SimNode node;
    private final ResourceGroup group;

    SimAgents(SimCluster cluster, SimNode node, ResourceGroup group) {
        this.cluster = cluster;
        this.node = node;
        this.group = group;
    }

    boolean isAddress(ResourceSpec resource) {
        return resource.equals(group.resources().getFirst());
    }

    /** Goes through the whole sequence; a daemon that dies on the way never comes to its end. */
    void run(GroupSequence sequence, Consumer<GroupSequence.Outcome> done) {
        go(sequence, sequence.next(), done);
    }

    private void go(GroupSequence sequence, Step step, Consumer<GroupSequence.Outcome> done) {
        switch (step) {
            case Step.Run(Action action, List<ResourceSpec> resources) -> {
                if (action == Action.START) {
                    resources.stream().filter(this::isAddress).forEach(this::runs);
                }
                later(cluster.agentNanos(), () -> go(sequence, sequence.answered(results(action, resources)), done));
            }
            case Step.Pause pause -> later(pause.time().toNanos(), () -> go(sequence, sequence.next(), done));
            case Step.Ended(GroupSequence.Outcome outcome) -> done.accept(outcome);
        }
    }

    private void later(long inNanos, Runnable work) {
        cluster.clock.later(inNanos, () -> cluster.whenAwake(node, work));
    }

    private List<ActionResult> results(Action action, List<ResourceSpec> resources) {
        List<ActionResult> results = new ArrayList<>();
        for (ResourceSpec resource : resources) {
            results.add(
                    switch (action) {
                        case STATUS ->
                            cluster.kernel(node.name).contains(resource.text())
                                    ? ActionResult.done()
                                    : new ActionResult.NotRunning();
                        case START -> start(resource);
                        case STOP -> {
                            cluster.kernel(node.name).remove(resource.text());
                            yield ActionResult.done();
                        }
                    });
        }
        return results;
    }

    private ActionResult start(ResourceSpec resource) {
        if (cluster.agentFails()) {
            return new ActionResult.Failed(1, "does not start");
        }
        runs(resource);
        return ActionResult.done();
    }

    private void runs(ResourceSpec resource) {
        cluster.kernel(node.name).add(resource.text());
    }
}
