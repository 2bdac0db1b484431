package org.halvs.ha.takeover;

import java.util.List;
import java.util.Map;
import org.halvs.ha.membership.ViewId;

/**
 * What a node tells the others about itself.
 *
 * @param incarnation when this life of the node began, in milliseconds since 1970; greater is later
 * @param sequence counts the changes of everything here but {@code seen}; of two statuses of one incarnation the higher is the later
 * @param view the view the node had installed when it said this
 * @param ready whether the node may own anything
 * @param settled whether the node has done with waiting for others after its start
 * @param leaving whether it is on its way out
 * @param configHash equal on nodes whose configuration agrees in what matters
 * @param pings how many of its ping nodes answer the node; {@link #PINGS_UNKNOWN} when it has none, or can't say yet
 * @param fingerprints a number for each part of its configuration that should be the same everywhere
 * @param groups only groups there is something to say about
 * @param seen what this node had heard from the others when it said this
 */
public record NodeStatus(
        String node,
        long incarnation,
        long sequence,
        ViewId view,
        boolean ready,
        boolean settled,
        boolean leaving,
        long configHash,
        int pings,
        Map<String, Long> fingerprints,
        List<GroupStatus> groups,
        List<Seen> seen) {

    /** Instead of a number of ping nodes. */
    public static final int PINGS_UNKNOWN = -1;

    /** The latest status heard from {@code node}. */
    public record Seen(String node, long incarnation, long sequence) {}

    public NodeStatus {
        fingerprints = Map.copyOf(fingerprints);
        groups = List.copyOf(groups);
        seen = List.copyOf(seen);
    }

    /** The same under another number, with other answers. */
    NodeStatus with(long number, List<Seen> answers) {
        return new NodeStatus(
                node,
                incarnation,
                number,
                view,
                ready,
                settled,
                leaving,
                configHash,
                pings,
                fingerprints,
                groups,
                answers);
    }

    /** What it says about {@code group}. */
    public GroupStatus group(String group) {
        for (GroupStatus status : groups) {
            if (status.group().equals(group)) {
                return status;
            }
        }
        return GroupStatus.none(group);
    }

    /** Whether this node had taken {@code sequence} of that life of {@code node} into account. */
    public boolean hasSeen(String node, long incarnation, long sequence) {
        for (Seen latest : seen) {
            if (latest.incarnation() == incarnation
                    && latest.sequence() >= sequence
                    && latest.node().equals(node)) {
                return true;
            }
        }
        return false;
    }

    /** Whether this was said later than {@code other}, by the same node, or says more about what the node has heard. */
    boolean supersedes(NodeStatus other) {
        if (incarnation != other.incarnation) {
            return incarnation > other.incarnation;
        }
        return sequence > other.sequence || (sequence == other.sequence && hasSeenMoreThan(other));
    }

    private boolean hasSeenMoreThan(NodeStatus other) {
        return seen.stream().anyMatch(s -> !other.hasSeen(s.node(), s.incarnation(), s.sequence()));
    }
}
