package org.halvs.ha.takeover;

/** Something the planner wants done with one group, and why. Steps of different groups are independent of each other. */
public sealed interface TakeoverStep {
    /** The group's key. */
    String group();

    /** For the log and for whoever reads it at three in the morning: one clause, no full stop. */
    String reason();

    /** Start the group's resources, in order; answered with {@link Ownership#acquired} or {@link Ownership#acquireFailed}. */
    record Acquire(String group, String reason) implements TakeoverStep {}

    /** Stop the group's resources, in reverse order; answered with {@link Ownership#released} or {@link Ownership#releaseFailed}. */
    record Release(String group, String reason) implements TakeoverStep {}

    /** Tell the network again where the group's addresses are. Needs no answer. */
    record Announce(String group, String reason) implements TakeoverStep {}

    /**
     * Find out on the group's own network who has its addresses; answered with {@link Ownership#claimChecked}.
     *
     * @param number another one each time a group is asked about: an answer that comes after the next question is not taken for the answer to that
     * @param probe whether to ask for the addresses themselves (ARP, neighbour solicitation) besides the other daemons
     */
    record CheckClaim(String group, long number, boolean probe, String reason) implements TakeoverStep {}

    /** Reset a node, so that it surely has nothing any more; answered with {@link Ownership#fenced}. */
    record Fence(String group, String node, String reason) implements TakeoverStep {}
}
