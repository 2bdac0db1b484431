package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/** The agents of all resources, and each call of one of them. Thread-safe; a call lasts as long as its agent takes. */
final class AgentCalls {
    private static final Logger LOG = System.getLogger("halvs");

    private final Map<ResourceSpec, ResourceAgent> agents = new ConcurrentHashMap<>();
    private final Function<ResourceSpec, ResourceAgent> factory;
    private final Together together;
    private final ResourceProgress progress;

    /** @param factory makes the agent of a resource; called once for each distinct resource, when its group is first known */
    AgentCalls(Function<ResourceSpec, ResourceAgent> factory, Together together, ResourceProgress progress) {
        this.factory = factory;
        this.together = together;
        this.progress = progress;
    }

    void know(ResourceGroup group) {
        group.resources().forEach(spec -> agents.computeIfAbsent(spec, factory));
    }

    /** One result for each resource, in their order; {@link ResourceProgress} hears of them. */
    List<ActionResult> perform(ResourceGroup group, Action action, List<ResourceSpec> resources) {
        return told(group, action, resources, () -> quietly(action, resources));
    }

    /** As {@link #perform} of a stop, but what is taken together goes on serving whoever still sends here. */
    List<ActionResult> stopFading(ResourceGroup group, List<ResourceSpec> resources) {
        return told(
                group,
                Action.STOP,
                resources,
                () -> together.takes(resources.getFirst())
                        ? together.fade(resources)
                        : quietly(Action.STOP, resources));
    }

    private List<ActionResult> told(
            ResourceGroup group, Action action, List<ResourceSpec> resources, Supplier<List<ActionResult>> call) {
        long started = System.nanoTime();
        List<ActionResult> results = call.get();
        progress.acted(group, resources, action, results, (System.nanoTime() - started) / 1_000_000);
        return results;
    }

    /** Nobody hears of it. An agent that breaks has failed; its group must not stay where it is for ever. */
    List<ActionResult> quietly(Action action, List<ResourceSpec> resources) {
        try {
            return ask(action, resources);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, action.word() + " of " + resources.getFirst() + " broke", e);
            return Collections.nCopies(resources.size(), new ActionResult.Failed(1, String.valueOf(e)));
        }
    }

    private List<ActionResult> ask(Action action, List<ResourceSpec> resources) {
        if (resources.size() > 1 || together.takes(resources.getFirst())) {
            return together.run(action, resources);
        }
        ResourceAgent agent = agent(resources.getFirst());
        return List.of(
                switch (action) {
                    case STATUS -> agent.status();
                    case START -> agent.start();
                    case STOP -> agent.stop();
                });
    }

    void announce() {
        together.announce();
    }

    /** Those that are taken together. Looked up once for a whole sequence: whether a script of the site goes before our agent is a question to the disk. */
    Set<ResourceSpec> joined(ResourceGroup group) {
        Set<ResourceSpec> joined = new LinkedHashSet<>(group.resources());
        joined.removeIf(resource -> !together.takes(resource));
        return joined;
    }

    List<Enclosing> enclosing(ResourceGroup group) {
        return group.resources().stream()
                .map(this::agent)
                .filter(Enclosing.class::isInstance)
                .map(Enclosing.class::cast)
                .toList();
    }

    private ResourceAgent agent(ResourceSpec resource) {
        ResourceAgent agent = agents.get(resource);
        if (agent == null) {
            throw new IllegalStateException("no agent for " + resource);
        }
        return agent;
    }
}
