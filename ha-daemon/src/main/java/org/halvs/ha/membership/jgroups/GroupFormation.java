package org.halvs.ha.membership.jgroups;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.ha.membership.path.GroupView;
import org.halvs.ha.membership.path.Neighbour;
import org.halvs.ha.membership.path.NodeId;

/**
 * Decides from what heartbeats say which members can't stay in this node's view, and with whose view it is to be merged. All members of a view have to hear
 * each other: who does not hear this node is suspected as if it were not heard itself. Pure; times are nanoseconds given by the caller. Confined to one
 * thread.
 */
final class GroupFormation {
    /** A view or a merge on its way is done by then; what still differs is not on its way. */
    static final long GRACE_NANOS = 500_000_000;

    private static final long MERGE_RETRY_NANOS = 400_000_000;

    private final NodeId self;
    private final Map<NodeId, Long> strangeSinceNanos = new HashMap<>();
    private long mergedNanos = Long.MIN_VALUE;

    /**
     * What is to be done.
     *
     * @param suspects members that are none any more
     * @param merge those whose views are to become one with this node's
     * @param unsettled whether the same question may have another answer after some time
     */
    record Decision(Set<NodeId> suspects, List<Neighbour> merge, boolean unsettled) {
        Decision {
            suspects = Set.copyOf(suspects);
            merge = List.copyOf(merge);
        }
    }

    GroupFormation(NodeId self) {
        this.self = self;
    }

    Decision decide(GroupView mine, List<Neighbour> heard, long nowNanos) {
        Set<NodeId> suspects = new LinkedHashSet<>();
        Set<NodeId> strange = new HashSet<>();
        for (NodeId member : mine.members()) {
            if (!member.equals(self)) {
                judge(member, mine, heard, nowNanos, suspects, strange);
            }
        }
        List<Neighbour> candidates = candidates(mine, heard);
        strangeSinceNanos.keySet().retainAll(strange);
        boolean mayMerge = mergedNanos == Long.MIN_VALUE || nowNanos - mergedNanos >= MERGE_RETRY_NANOS;
        boolean merge = mayMerge && !candidates.isEmpty();
        if (merge) {
            mergedNanos = nowNanos;
        }
        return new Decision(
                suspects,
                merge ? candidates : List.of(),
                !strange.isEmpty() || !suspects.isEmpty() || !candidates.isEmpty());
    }

    private void judge(
            NodeId member,
            GroupView mine,
            List<Neighbour> heard,
            long nowNanos,
            Set<NodeId> suspects,
            Set<NodeId> strange) {
        Optional<Neighbour> now =
                heard.stream().filter(n -> n.id().key() == member.key()).findFirst();
        if (now.isPresent() && now.get().id().incarnation() > member.incarnation()) {
            suspects.add(member); // it lives again, and the life in the view is over
            return;
        }
        boolean deaf = now.isEmpty() || !now.get().twoWay();
        boolean elsewhere = now.isPresent() && isElsewhere(now.get(), mine);
        if (!deaf && !elsewhere) {
            return;
        }
        strange.add(member);
        long sinceNanos = strangeSinceNanos.computeIfAbsent(member, _ -> nowNanos);
        if (deaf && elsewhere || nowNanos - sinceNanos >= GRACE_NANOS) {
            suspects.add(member);
        }
    }

    /** Whether a node has a view without this node in it. */
    private boolean isElsewhere(Neighbour neighbour, GroupView mine) {
        return neighbour.view().isPresent()
                && !neighbour.view().get().isSame(mine)
                && !neighbour.view().get().members().contains(self);
    }

    /** Only the coordinator merges; of two coordinators JGroups lets the one with the smaller address do it. */
    private List<Neighbour> candidates(GroupView mine, List<Neighbour> heard) {
        if (!mine.coordinator().equals(self)) {
            return List.of();
        }
        List<Neighbour> candidates = new ArrayList<>();
        for (Neighbour other : heard) {
            boolean separate = other.view().isPresent()
                    && !other.view().get().isSame(mine)
                    && other.twoWay()
                    && !other.leaving()
                    && (!mine.members().contains(other.id()) || other.coordinates() && isElsewhere(other, mine));
            if (separate && allHearEachOther(mine, other, heard)) {
                candidates.add(other);
            }
        }
        return candidates;
    }

    /** Of the members of both views those that live. A group in which somebody does not hear somebody would fall apart again at once. */
    private boolean allHearEachOther(GroupView mine, Neighbour other, List<Neighbour> heard) {
        Set<NodeId> living = new HashSet<>();
        heard.forEach(neighbour -> living.add(neighbour.id()));
        Set<NodeId> together = new HashSet<>(mine.members());
        together.addAll(other.view().map(GroupView::members).orElse(List.of()));
        together.add(other.id());
        together.retainAll(living);
        for (Neighbour neighbour : heard) {
            if (together.contains(neighbour.id())) {
                Set<NodeId> missing = new HashSet<>(together);
                missing.remove(neighbour.id());
                missing.removeAll(neighbour.hears());
                if (!missing.isEmpty() || !neighbour.twoWay()) {
                    return false;
                }
            }
        }
        return true;
    }
}
