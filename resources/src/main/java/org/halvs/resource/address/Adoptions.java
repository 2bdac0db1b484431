package org.halvs.resource.address;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.halvs.linux.FrameAdoption.Adopted;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/**
 * For which addresses this host serves frames to the MAC of their former owner, until when, and when bridges are shown that the MAC is here. Pure: times are
 * nanoseconds of one clock that only grows. Confined to whoever calls it.
 */
final class Adoptions {
    /** As the announcements: at once, for a frame that was lost, and while a switch's port or a router comes up. */
    private static final List<Long> SHOWN_MILLIS = List.of(0L, 200L, 1000L, 2000L, 3000L, 4000L, 5000L);

    private static final long MILLISECOND = 1_000_000;

    private final long longestNanos;
    private final Map<FormerMac, Course> courses = new LinkedHashMap<>();

    /** The MAC of a node that had addresses on a network. */
    record FormerMac(String node, int linkIndex, MacAddress mac) {}

    private static final class Course {
        final Map<IpAddress, Adopted> frames = new LinkedHashMap<>();
        long startNanos;
        int shown;
    }

    Adoptions(Duration longest) {
        longestNanos = longest.toNanos();
    }

    /** Begins with some addresses, or anew. */
    void begin(FormerMac former, Collection<Adopted> frames, long nowNanos) {
        Course course = courses.computeIfAbsent(former, _ -> new Course());
        frames.forEach(frame -> course.frames.put(frame.address(), frame));
        course.startNanos = nowNanos;
        course.shown = 0;
    }

    boolean isEmpty() {
        return courses.isEmpty();
    }

    /** Ends with these addresses. Answers the MACs with which it ends altogether. */
    List<FormerMac> end(Collection<IpAddress> addresses) {
        courses.values().forEach(course -> course.frames.keySet().removeAll(addresses));
        return removeIf(former -> frames(former).isEmpty());
    }

    List<FormerMac> endOf(String node) {
        return removeIf(former -> former.node().equals(node));
    }

    List<FormerMac> endOf(int linkIndex, MacAddress mac) {
        return removeIf(
                former -> former.linkIndex() == linkIndex && former.mac().equals(mac));
    }

    /** Ends with those whose time is over. */
    List<FormerMac> expire(long nowNanos) {
        return removeIf(former -> nowNanos - course(former).startNanos >= longestNanos);
    }

    private List<FormerMac> removeIf(Predicate<FormerMac> condition) {
        List<FormerMac> ended = courses.keySet().stream().filter(condition).toList();
        ended.forEach(courses::remove);
        return ended;
    }

    /** The MACs bridges are to be shown now; they count as shown. */
    List<FormerMac> toShow(long nowNanos) {
        List<FormerMac> due = new ArrayList<>();
        courses.forEach((former, course) -> {
            if (untilShown(course, nowNanos) <= 0) {
                due.add(former);
                while (untilShown(course, nowNanos) <= 0) {
                    course.shown++;
                }
            }
        });
        return due;
    }

    /** What is adopted now. */
    List<Adopted> adopted() {
        return courses.values().stream()
                .flatMap(course -> course.frames.values().stream())
                .toList();
    }

    /** How long until {@link #toShow} or {@link #expire} answers something; empty when nothing is adopted. */
    OptionalLong waitNanos(long nowNanos) {
        return courses.values().stream()
                .mapToLong(course -> Math.max(
                        0, Math.min(untilShown(course, nowNanos), course.startNanos + longestNanos - nowNanos)))
                .min();
    }

    private static long untilShown(Course course, long nowNanos) {
        return course.shown < SHOWN_MILLIS.size()
                ? course.startNanos + SHOWN_MILLIS.get(course.shown) * MILLISECOND - nowNanos
                : Long.MAX_VALUE;
    }

    private Course course(FormerMac former) {
        Course course = courses.get(former);
        if (course == null) {
            throw new IllegalStateException("nothing is adopted from " + former);
        }
        return course;
    }

    private Collection<Adopted> frames(FormerMac former) {
        return course(former).frames.values();
    }
}
