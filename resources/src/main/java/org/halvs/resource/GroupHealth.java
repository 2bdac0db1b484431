package org.halvs.resource;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the answers of a held group's resources to regular status requests mean: nothing, a restart in place, or that
 * the group is better off elsewhere. Pure; {@code nowNanos} is a clock that only grows. Confined to whoever asks.
 *
 * <p>A resource is judged only after it has once said, since its group was started, that it runs: there are scripts
 * whose status says nothing, and heartbeat never asked them.
 */
public final class GroupHealth {
    /** So many answers in a row that are no answer (an error, a time-out) count as not running. */
    static final int UNSURE_ANSWERS = 3;

    /** A resource that has to be started more often than this within {@link #WINDOW} does not hold here. */
    static final int RESTARTS = 3;

    static final Duration WINDOW = Duration.ofMinutes(10);

    private final Map<ResourceSpec, Course> courses = new LinkedHashMap<>();

    private static final class Course {
        boolean hasRun;
        boolean remarked;
        int unsure;
        final Deque<Long> restarts = new ArrayDeque<>();
    }

    /** What to do about an answer. */
    public sealed interface Verdict {

        /** Nothing. */
        record Well() implements Verdict {}

        /**
         * Nothing, but once somebody should know.
         *
         * @param text what is odd
         */
        record Odd(String text) implements Verdict {}

        /**
         * Start it again, and tell {@link #restarted}.
         *
         * @param stopFirst whether it may still run in part
         */
        record Restart(String why, boolean stopFirst) implements Verdict {}

        /** Give the group up: it does not hold here. */
        record Lost(String why) implements Verdict {}
    }

    /** A resource has answered a status request. */
    public Verdict answered(ResourceSpec resource, ActionResult answer, long nowNanos) {
        Course course = courses.computeIfAbsent(resource, _ -> new Course());
        if (answer instanceof ActionResult.Done) {
            course.hasRun = true;
            course.unsure = 0;
            return new Verdict.Well();
        }
        if (!course.hasRun) {
            if (course.remarked) {
                return new Verdict.Well();
            }
            course.remarked = true;
            return new Verdict.Odd(resource + " was started and its status says: " + answer.text()
                    + "; it is not watched until its status says that it runs");
        }
        if (answer instanceof ActionResult.NotRunning) {
            return restart(course, "it does not run any more", false, nowNanos);
        }
        course.unsure++;
        return course.unsure < UNSURE_ANSWERS
                ? new Verdict.Well()
                : restart(course, "its status failed " + course.unsure + " times: " + answer.text(), true, nowNanos);
    }

    private static Verdict restart(Course course, String why, boolean stopFirst, long nowNanos) {
        course.unsure = 0;
        while (!course.restarts.isEmpty() && nowNanos - course.restarts.getFirst() > WINDOW.toNanos()) {
            course.restarts.removeFirst();
        }
        if (course.restarts.size() >= RESTARTS) {
            return new Verdict.Lost(
                    why + ", and " + RESTARTS + " restarts within " + WINDOW.toMinutes() + " minutes have not helped");
        }
        course.restarts.addLast(nowNanos);
        return new Verdict.Restart(why, stopFirst);
    }

    /** What came of a restart. */
    public static Verdict restarted(ActionResult result) {
        return result instanceof ActionResult.Done
                ? new Verdict.Well()
                : new Verdict.Lost("it does not start again: " + result.text());
    }
}
