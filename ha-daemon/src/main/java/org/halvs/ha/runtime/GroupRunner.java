package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * Starts and stops groups: resources in the order of haresources, stopped in reverse. Each call works on a thread of its own, named
 * {@code action-GROUP}; the caller sees to it that one group is never worked on twice at once.
 */
final class GroupRunner {
    /** As heartbeat's HA_STOPRETRYMAX: a stop that fails is tried again so often. */
    private static final int STOP_RETRIES = 10;

    private static final long STOP_RETRY_MILLIS = 1000;

    /** What came of it. */
    sealed interface Outcome {
        record Done(long tookMillis) implements Outcome {}

        record Failed(ResourceSpec resource, String action, String text) implements Outcome {}
    }

    private final Map<ResourceSpec, ResourceAgent> agents = new LinkedHashMap<>();

    /**
     * @param factory makes the agent of a resource; called now, once for each distinct resource
     */
    GroupRunner(List<ResourceGroup> groups, Function<ResourceSpec, ResourceAgent> factory) {
        for (ResourceGroup group : groups) {
            group.resources().forEach(spec -> agents.computeIfAbsent(spec, factory));
        }
    }

    /** Starts a group; when a resource does not start, those before it are stopped again. */
    void acquire(ResourceGroup group, Consumer<Outcome> done) {
        start(group, () -> {
            enclosing(group).forEach(Enclosing::begin);
            Outcome outcome = acquired(group);
            if (outcome instanceof Outcome.Failed) {
                enclosing(group).forEach(Enclosing::end);
            }
            done.accept(outcome);
        });
    }

    /** Stops a group, every resource of it, also those that do not run. */
    void release(ResourceGroup group, Consumer<Outcome> done) {
        start(group, () -> {
            Outcome outcome = released(group.resources());
            enclosing(group).forEach(Enclosing::end);
            done.accept(outcome);
        });
    }

    /** Tells the network again where the group's addresses are: starting what runs already does. */
    void announce(ResourceGroup group) {
        start(
                group,
                () -> group.resources().stream()
                        .map(this::agent)
                        .filter(Announcing.class::isInstance)
                        .forEach(agent -> ((Announcing) agent).announce()));
    }

    /**
     * An agent whose resource has to be there before the first of its group starts and until the last has stopped, wherever in the line it
     * stands: forwarding begins before the address is announced, so that no client meets a director that does not know its services.
     */
    interface Enclosing {
        void begin();

        void end();
    }

    /** An agent whose resource the network has to be told of. */
    interface Announcing {
        void announce();
    }

    private List<Enclosing> enclosing(ResourceGroup group) {
        return group.resources().stream()
                .map(this::agent)
                .filter(Enclosing.class::isInstance)
                .map(Enclosing.class::cast)
                .toList();
    }

    private static void start(ResourceGroup group, Runnable work) {
        Thread.ofPlatform().name("action-" + group.key()).start(work);
    }

    private Outcome acquired(ResourceGroup group) {
        long started = System.nanoTime();
        List<ResourceSpec> running = new ArrayList<>();
        for (ResourceSpec resource : group.resources()) {
            ActionResult result = agent(resource).start();
            running.add(resource);
            if (!(result instanceof ActionResult.Done)) {
                released(running);
                return new Outcome.Failed(resource, "start", text(result));
            }
        }
        return new Outcome.Done(millisSince(started));
    }

    private Outcome released(List<ResourceSpec> resources) {
        long started = System.nanoTime();
        Outcome outcome = null;
        for (ResourceSpec resource : resources.reversed()) {
            ActionResult result = stopped(resource);
            if (!(result instanceof ActionResult.Done || result instanceof ActionResult.NotRunning)
                    && outcome == null) {
                outcome = new Outcome.Failed(resource, "stop", text(result));
            }
        }
        return outcome == null ? new Outcome.Done(millisSince(started)) : outcome;
    }

    private ActionResult stopped(ResourceSpec resource) {
        ResourceAgent agent = agent(resource);
        ActionResult result = agent.stop();
        for (int retry = 0; retry < STOP_RETRIES && result instanceof ActionResult.Failed; retry++) {
            pause();
            result = agent.stop();
        }
        return result;
    }

    private static void pause() {
        try {
            Thread.sleep(STOP_RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ResourceAgent agent(ResourceSpec resource) {
        ResourceAgent agent = agents.get(resource);
        if (agent == null) {
            throw new IllegalStateException("no agent for " + resource);
        }
        return agent;
    }

    private static String text(ActionResult result) {
        return switch (result) {
            case ActionResult.Done _ -> "done";
            case ActionResult.NotRunning _ -> "it does not run";
            case ActionResult.Failed(int code, String output) ->
                "exit status " + code + (output.isBlank() ? "" : ": " + output.strip());
            case ActionResult.TimedOut(var limit) -> "no end within " + limit.toSeconds() + " s, killed";
        };
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
