package org.halvs.ha.runtime;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.config.Haresources;
import org.halvs.ha.control.Answer;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/** What ResourceManager asks of the daemon: whether a resource, or those of a group, run. Runs on the thread of its connection. */
final class ResourceCommand {
    private static final int NOT_RUNNING = 1;
    private static final int USAGE = 2;

    private final ControlLoop loop;
    private final ClusterNode node;
    private final Function<ResourceSpec, ResourceAgent> agents;

    /**
     * @param agents makes an agent to ask; called on the connection's thread
     */
    ResourceCommand(ControlLoop loop, ClusterNode node, Function<ResourceSpec, ResourceAgent> agents) {
        this.loop = loop;
        this.node = node;
        this.agents = agents;
    }

    /** {@code status RESOURCE} or {@code statgroup KEY}; a line for each resource. */
    Answer run(List<String> words) {
        if (words.size() != 2) {
            return Answer.failed(USAGE, "halvs: say status RESOURCE or statgroup KEY\n");
        }
        String name = words.get(1);
        if (words.getFirst().equals("status")) {
            Optional<ResourceGroup> line = Haresources.parse("haresources", "node " + name, List.of())
                    .value()
                    .flatMap(groups -> groups.stream().findFirst());
            return line.map(group -> status(group.resources()))
                    .orElseGet(() -> Answer.failed(NOT_RUNNING, "halvs: " + name + " is no resource\n"));
        }
        Optional<ResourceGroup> group = loop.ask(() -> node.rules().group(name)).join();
        return group.map(found -> status(found.resources()))
                .orElseGet(() -> Answer.failed(NOT_RUNNING, "halvs: no group " + name + " in haresources\n"));
    }

    private Answer status(List<ResourceSpec> resources) {
        StringBuilder text = new StringBuilder();
        int exit = 0;
        for (ResourceSpec resource : resources) {
            ActionResult result = agents.apply(resource).status();
            if (!(result instanceof ActionResult.Done)) {
                exit = NOT_RUNNING;
            }
            text.append(resource.text()).append('\t').append(words(result)).append('\n');
        }
        return new Answer(text.toString(), "", exit);
    }

    private static String words(ActionResult result) {
        return switch (result) {
            case ActionResult.Done _ -> "Running OK";
            case ActionResult.NotRunning _ -> "Resource is stopped";
            case ActionResult.Failed failed ->
                "ERROR: exit status " + failed.code() + " " + failed.output().strip();
            case ActionResult.TimedOut late ->
                "ERROR: no answer within " + late.limit().toSeconds() + " s";
        };
    }
}
