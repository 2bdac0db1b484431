package org.halvs.resource.address;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import org.halvs.linux.IpAddress;

/**
 * When to announce which address. Pure: times are nanoseconds of one clock that only grows. Confined to whoever calls
 * it.
 *
 * <p>An address is announced at once and as often as IPaddr2 does (5 rounds 200 ms apart, each a request and a reply),
 * then again every second until 5 seconds have passed, because a switch or a host may not have listened yet (a Linux host ignores
 * what comes within a second of its last change). Rounds of many addresses are paced, and the first rounds of all of
 * them go before the second rounds of any.
 */
public final class AnnounceSchedule {
    private static final long MILLISECOND = 1_000_000;

    /** Rounds a millisecond, all addresses together: a thousand addresses are announced within 125 ms. */
    private static final int ROUNDS_PER_MILLISECOND = 8;

    private static final int BURST_ROUNDS = 16;

    /** Two rounds of one address are at least this far apart, also when the schedule is late. */
    private static final long LEAST_GAP_NANOS = 50 * MILLISECOND;

    private final List<Long> roundMillis;
    private final long refreshNanos;
    private final Map<IpAddress, Course> courses = new LinkedHashMap<>();
    private final PriorityQueue<Course> queue = new PriorityQueue<>(Comparator.comparingLong(course -> course.order));
    private final long originNanos;
    private double allowance = BURST_ROUNDS;
    private long allowanceNanos;

    /**
     * A schedule with nothing in it.
     *
     * @param rounds of each address
     */
    public AnnounceSchedule(AnnounceRounds rounds, long nowNanos) {
        this.roundMillis = rounds.offsetsMillis();
        this.refreshNanos = rounds.refresh().map(Duration::toNanos).orElse(0L);
        this.originNanos = nowNanos;
        this.allowanceNanos = nowNanos;
    }

    /** Where an address is in its rounds. */
    private static final class Course {
        final IpAddress address;
        final long startNanos;
        int round;
        long order; // when the next round is due, in nanoseconds since the origin of the schedule

        Course(IpAddress address, long startNanos, long order) {
            this.address = address;
            this.startNanos = startNanos;
            this.order = order;
        }
    }

    /** Begins with the first round of each address, also of those that are under way. */
    public void start(Collection<IpAddress> addresses, long nowNanos) {
        for (IpAddress address : addresses) {
            Course course = new Course(address, nowNanos, nowNanos - originNanos);
            Course before = courses.put(address, course);
            if (before != null) {
                queue.remove(before);
            }
            queue.add(course);
        }
    }

    /** Begins again with the first round of every address that was started and not cancelled. */
    public void restart(long nowNanos) {
        start(List.copyOf(courses.keySet()), nowNanos);
    }

    /** No further round of these. */
    public void cancel(Collection<IpAddress> addresses) {
        for (IpAddress address : addresses) {
            Course course = courses.remove(address);
            if (course != null) {
                queue.remove(course);
            }
        }
    }

    /** The addresses whose next round is due and that the pace allows; the rounds count as done. */
    public List<IpAddress> due(long nowNanos) {
        allowance = Math.min(
                BURST_ROUNDS, allowance + (double) (nowNanos - allowanceNanos) * ROUNDS_PER_MILLISECOND / MILLISECOND);
        allowanceNanos = nowNanos;
        List<IpAddress> due = new ArrayList<>();
        while (allowance >= 1 && !queue.isEmpty() && queue.element().order <= nowNanos - originNanos) {
            Course course = queue.remove();
            due.add(course.address);
            allowance--;
            advance(course, nowNanos);
        }
        return due;
    }

    private void advance(Course course, long nowNanos) {
        course.round++;
        long planned; // since the origin, so that a clock that wraps does no harm
        if (course.round < roundMillis.size()) {
            planned = course.startNanos - originNanos + roundMillis.get(course.round) * MILLISECOND;
        } else if (refreshNanos > 0) {
            planned = nowNanos - originNanos + refreshNanos;
        } else {
            return;
        }
        course.order = Math.max(planned, nowNanos - originNanos + LEAST_GAP_NANOS);
        queue.add(course);
    }

    /** How long until {@link #due} may answer something, 0 for at once; empty while nothing is planned. */
    public OptionalLong waitNanos(long nowNanos) {
        if (queue.isEmpty()) {
            return OptionalLong.empty();
        }
        long untilDue = queue.element().order - (nowNanos - originNanos);
        double missing = 1 - allowance;
        long untilAllowed = missing <= 0
                ? 0
                : (long) Math.ceil(missing * MILLISECOND / ROUNDS_PER_MILLISECOND) - (nowNanos - allowanceNanos);
        return OptionalLong.of(Math.max(0, Math.max(untilDue, untilAllowed)));
    }
}
