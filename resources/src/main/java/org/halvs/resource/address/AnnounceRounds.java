package org.halvs.resource.address;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How often an address is announced when something happened to it, by the names of IPaddr2's parameters. Each round is a
 * request and a reply, for IPv6 one advertisement.
 *
 * @param count arp_count: rounds at once, 1 to {@link #MOST}
 * @param interval arp_interval: from one of these rounds to the next, {@link #SHORTEST_INTERVAL} to
 *     {@link #LONGEST_INTERVAL}
 * @param refresh one round more this often for as long as the address is held, for networks that forget; empty for
 *     never
 */
public record AnnounceRounds(int count, Duration interval, Optional<Duration> refresh) {
    public static final int MOST = 100;
    public static final Duration SHORTEST_INTERVAL = Duration.ofMillis(50);
    public static final Duration LONGEST_INTERVAL = Duration.ofSeconds(10);

    /** IPaddr2: arp_count 5, arp_interval 200 ms. */
    public static final AnnounceRounds DEFAULT = new AnnounceRounds(5, Duration.ofMillis(200), Optional.empty());

    /** Later rounds: a switch or a host may not have listened before. */
    private static final int LATER_ROUNDS = 3;

    private static final List<Duration> LATER = List.of(Duration.ofSeconds(1), Duration.ofSeconds(5));

    /** Single rounds between those: whoever hears nothing for some seconds has not to wait for the last. */
    private static final List<Duration> BETWEEN =
            List.of(Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(4));

    public AnnounceRounds {
        if (count < 1
                || count > MOST
                || interval.compareTo(SHORTEST_INTERVAL) < 0
                || interval.compareTo(LONGEST_INTERVAL) > 0) {
            throw new IllegalArgumentException(count + " announcements every " + interval);
        }
    }

    /** When the rounds are due after the beginning, in ascending order. */
    List<Long> offsetsMillis() {
        SortedSet<Long> offsets = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            offsets.add(i * interval.toMillis());
        }
        SortedSet<Long> later = new TreeSet<>();
        BETWEEN.forEach(between -> later.add(between.toMillis()));
        for (Duration burst : LATER) {
            for (int i = 0; i < Math.min(count, LATER_ROUNDS); i++) {
                later.add(burst.toMillis() + i * interval.toMillis());
            }
        }
        offsets.addAll(later.tailSet(offsets.last() + 1));
        return List.copyOf(offsets);
    }
}
