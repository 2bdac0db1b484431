package org.halvs.resource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The order in which a group is started or stopped. Pure: says what to do next and is told what came of it, so that it
 * runs with real scripts as well as in virtual time. Confined to whoever runs it.
 *
 * <p>As heartbeat's ResourceManager: from left to right, each resource is asked first and started when it does not run;
 * stopped from right to left, also what does not run. A resource that does not start ends the group: what had started
 * is stopped, the culprit included. A stop that fails is tried again.
 *
 * <p>Not as there: a resource that says after a failed stop that it does not run counts as stopped at once, and one
 * whose stop takes too long is not stopped again but reported.
 */
public final class GroupSequence {
    /** HA_STOPRETRYMAX of heartbeat: how often a failed stop is tried again. */
    public static final int STOP_RETRIES = 10;

    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private final List<List<ResourceSpec>> units;
    private final Predicate<ResourceSpec> together;
    private final int stopRetries;

    /** The unit that is being worked on; while stopping it goes down, -1 at the end. */
    private int unit;

    private boolean stopping;
    private int retries;
    /** Of the unit, while stopping: what still has to be stopped. */
    private List<ResourceSpec> pending = List.of();

    private Action asked = Action.STATUS;
    private List<ActionResult> stopResults = List.of();
    private Optional<Outcome.Failed> failure = Optional.empty();
    private boolean clean = true;

    /** What is asked of an agent. */
    public enum Action {
        STATUS,
        START,
        STOP;

        /** As scripts and log lines call it. */
        public String word() {
            return switch (this) {
                case STATUS -> "status";
                case START -> "start";
                case STOP -> "stop";
            };
        }
    }

    /** What comes next. */
    public sealed interface Step {

        /**
         * Do this with each of these, in this order, and tell {@link #answered} what came of it.
         *
         * @param resources one, or several that are taken together
         */
        record Run(Action action, List<ResourceSpec> resources) implements Step {
            public Run {
                resources = List.copyOf(resources);
            }
        }

        /** Let this time pass, then call {@link #next} again. */
        record Pause(Duration time) implements Step {}

        /** Nothing more. */
        record Ended(Outcome outcome) implements Step {}
    }

    /** What came of the whole. */
    public sealed interface Outcome {

        /** The group runs here, or was stopped, whole. */
        record Done() implements Outcome {}

        /**
         * It does not, or was not.
         *
         * @param resource the first that failed
         * @param clean whether nothing of the group runs here any more; if not, nobody else may take it
         */
        record Failed(ResourceSpec resource, Action action, ActionResult result, boolean clean) implements Outcome {}
    }

    private GroupSequence(
            List<ResourceSpec> resources, Predicate<ResourceSpec> together, int stopRetries, boolean stopping) {
        this.units = units(resources, together);
        this.together = together;
        this.stopRetries = stopRetries;
        this.stopping = stopping;
        this.unit = stopping ? units.size() - 1 : 0;
        this.pending = stopping ? units.getLast().reversed() : List.of();
    }

    /**
     * Starts a group.
     *
     * @param together the resources of which neighbours are started in one go, without being asked before; starting
     *     them again does no harm
     * @param stopRetries 0 for none
     */
    public static GroupSequence start(ResourceGroup group, Predicate<ResourceSpec> together, int stopRetries) {
        return new GroupSequence(group.resources(), together, stopRetries, false);
    }

    /** Stops a group. Parameters as for {@link #start}. */
    public static GroupSequence stop(ResourceGroup group, Predicate<ResourceSpec> together, int stopRetries) {
        return new GroupSequence(group.resources(), together, stopRetries, true);
    }

    private static List<List<ResourceSpec>> units(List<ResourceSpec> resources, Predicate<ResourceSpec> together) {
        List<List<ResourceSpec>> units = new ArrayList<>();
        boolean open = false;
        for (ResourceSpec resource : resources) {
            boolean joins = together.test(resource);
            if (!joins || !open) {
                units.add(new ArrayList<>());
            }
            units.getLast().add(resource);
            open = joins;
        }
        return units;
    }

    /** What to do first, and after a pause. */
    public Step next() {
        if (stopping) {
            return unit < 0 ? ended() : run(Action.STOP, pending);
        }
        if (unit == units.size()) {
            return ended();
        }
        List<ResourceSpec> resources = units.get(unit);
        return run(together.test(resources.getFirst()) ? Action.START : Action.STATUS, resources);
    }

    private Step run(Action action, List<ResourceSpec> resources) {
        asked = action;
        return new Step.Run(action, resources);
    }

    private Step ended() {
        return new Step.Ended(failure.<Outcome>map(
                        failed -> new Outcome.Failed(failed.resource(), failed.action(), failed.result(), clean))
                .orElseGet(Outcome.Done::new));
    }

    /**
     * What came of the last {@link Step.Run}.
     *
     * @param results one for each of its resources, in the same order
     */
    public Step answered(List<ActionResult> results) {
        return stopping ? stopAnswered(results) : startAnswered(results);
    }

    private Step startAnswered(List<ActionResult> results) {
        if (asked == Action.STATUS) {
            if (!(results.getFirst() instanceof ActionResult.Done)) {
                return run(Action.START, units.get(unit)); // also when it could not say
            }
        } else {
            for (int i = 0; i < results.size(); i++) {
                if (!(results.get(i) instanceof ActionResult.Done)) {
                    failed(units.get(unit).get(i), Action.START, results.get(i));
                    stopping = true;
                    pending = units.get(unit).reversed();
                    return next();
                }
            }
        }
        unit++;
        return next();
    }

    private Step stopAnswered(List<ActionResult> results) {
        if (asked == Action.STOP) {
            List<ResourceSpec> left = new ArrayList<>();
            stopResults = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                if (!isStopped(results.get(i))) {
                    left.add(pending.get(i));
                    stopResults.add(results.get(i));
                }
            }
            pending = left;
            return left.isEmpty() ? nextUnit() : run(Action.STATUS, left);
        }
        List<ResourceSpec> left = new ArrayList<>();
        List<ActionResult> why = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            if (!(results.get(i) instanceof ActionResult.NotRunning)) {
                left.add(pending.get(i));
                why.add(stopResults.get(i));
            }
        }
        pending = left;
        if (left.isEmpty()) {
            return nextUnit();
        }
        if (retries < stopRetries && why.stream().noneMatch(ActionResult.TimedOut.class::isInstance)) {
            retries++;
            return new Step.Pause(RETRY_PAUSE);
        }
        clean = false;
        failed(left.getFirst(), Action.STOP, why.getFirst());
        return nextUnit();
    }

    private static boolean isStopped(ActionResult result) {
        return result instanceof ActionResult.Done || result instanceof ActionResult.NotRunning;
    }

    private Step nextUnit() {
        unit--;
        retries = 0;
        pending = unit < 0 ? List.of() : units.get(unit).reversed();
        return next();
    }

    /** The first failure is the one that counts. */
    private void failed(ResourceSpec resource, Action action, ActionResult result) {
        if (failure.isEmpty()) {
            failure = Optional.of(new Outcome.Failed(resource, action, result, true));
        }
    }
}
