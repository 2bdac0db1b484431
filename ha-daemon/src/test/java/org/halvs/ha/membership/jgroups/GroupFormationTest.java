package org.halvs.ha.membership.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.ha.membership.jgroups.GroupFormation.Decision;
import org.halvs.ha.membership.path.GroupView;
import org.halvs.ha.membership.path.Neighbour;
import org.halvs.ha.membership.path.NodeId;
import org.junit.jupiter.api.Test;

class GroupFormationTest {
    private static final NodeId ALICE = NodeId.of("alice", 1);
    private static final NodeId BOB = NodeId.of("bob", 1);
    private static final NodeId CAROL = NodeId.of("carol", 1);

    private final GroupFormation formation = new GroupFormation(ALICE);

    private static GroupView view(long number, NodeId... members) {
        return new GroupView(members[0], number, List.of(members));
    }

    private static Neighbour neighbour(NodeId id, GroupView view, NodeId... hears) {
        Set<NodeId> heard = Set.of(hears);
        return new Neighbour("x", id, Optional.of(view), heard.contains(ALICE), heard, false);
    }

    @Test
    void oneViewIsLeftAlone() {
        GroupView both = view(3, ALICE, BOB);
        Decision decision = formation.decide(both, List.of(neighbour(BOB, both, ALICE)), 0);
        assertThat(decision).isEqualTo(new Decision(Set.of(), List.of(), false));
    }

    @Test
    void twoGroupsThatHearEachOtherBecomeOneAtOnce() {
        Neighbour bob = neighbour(BOB, view(7, BOB), ALICE);
        Decision decision = formation.decide(view(3, ALICE), List.of(bob), 0);
        assertThat(decision.merge()).containsExactly(bob);
        assertThat(decision.suspects()).isEmpty();
        assertThat(formation.decide(view(3, ALICE), List.of(bob), 100_000_000).merge())
                .as("it is given time")
                .isEmpty();
        assertThat(formation.decide(view(3, ALICE), List.of(bob), 500_000_000).merge())
                .containsExactly(bob);
    }

    @Test
    void whoDoesNotHearIsNotMerged() {
        Neighbour bob = neighbour(BOB, view(7, BOB));
        assertThat(formation.decide(view(3, ALICE), List.of(bob), 0).merge()).isEmpty();
    }

    /** Alice was asleep; bob went on without her, and does not hear her because only his half of the path works. */
    @Test
    void whoWentOnWithoutThisNodeAndDoesNotHearItIsSuspectedAtOnce() {
        Neighbour bob = neighbour(BOB, view(7, BOB));
        Decision decision = formation.decide(view(3, ALICE, BOB), List.of(bob), 0);
        assertThat(decision.suspects()).containsExactly(BOB);
        assertThat(decision.merge()).isEmpty();
    }

    /** Alice was asleep; bob went on without her and hears her again. */
    @Test
    void whoWentOnWithoutThisNodeAndHearsItIsMerged() {
        Neighbour bob = neighbour(BOB, view(7, BOB), ALICE);
        Decision decision = formation.decide(view(3, ALICE, BOB), List.of(bob), 0);
        assertThat(decision.suspects()).isEmpty();
        assertThat(decision.merge()).containsExactly(bob);
        assertThat(formation
                        .decide(view(3, ALICE, BOB), List.of(bob), GroupFormation.GRACE_NANOS)
                        .suspects())
                .as("no merge came about")
                .containsExactly(BOB);
    }

    @Test
    void aViewThatIsOnItsWayIsWaitedFor() {
        Neighbour bob = neighbour(BOB, view(2, ALICE, BOB, CAROL), ALICE);
        Decision decision = formation.decide(view(3, ALICE, BOB), List.of(bob), 0);
        assertThat(decision.suspects()).isEmpty();
        assertThat(decision.merge()).isEmpty();
    }

    @Test
    void aNewLifeEndsTheOldOne() {
        Neighbour again = new Neighbour("bob", NodeId.of("bob", 2), Optional.empty(), true, Set.of(ALICE), false);
        Decision decision = formation.decide(view(3, ALICE, BOB), List.of(again), 0);
        assertThat(decision.suspects()).containsExactly(BOB);
    }

    @Test
    void aMemberThatIsNotHeardIsSuspectedAgain() {
        GroupView both = view(3, ALICE, BOB);
        assertThat(formation.decide(both, List.of(), 0).suspects()).isEmpty();
        Decision later = formation.decide(both, List.of(), GroupFormation.GRACE_NANOS);
        assertThat(later.suspects()).containsExactly(BOB);
        assertThat(later.unsettled()).isTrue();
    }

    /** A group in which alice and carol do not hear each other would fall apart at once, and be merged again, for ever. */
    @Test
    void groupsMergeOnlyWhenEverybodyHearsEverybody() {
        GroupView theirs = view(7, BOB, CAROL);
        Neighbour bob = neighbour(BOB, theirs, ALICE, CAROL);
        Neighbour deafCarol = neighbour(CAROL, theirs, BOB);
        Neighbour carol = neighbour(CAROL, theirs, ALICE, BOB);
        assertThat(formation.decide(view(3, ALICE), List.of(bob, deafCarol), 0).merge())
                .isEmpty();
        assertThat(formation.decide(view(3, ALICE), List.of(bob, carol), 0).merge())
                .contains(bob);
    }

    @Test
    void onlyTheCoordinatorMerges() {
        Neighbour carol = neighbour(CAROL, view(9, CAROL), ALICE, BOB);
        GroupView mine = view(3, BOB, ALICE);
        Neighbour bob = neighbour(BOB, mine, ALICE, CAROL);
        assertThat(formation.decide(mine, List.of(bob, carol), 0).merge()).isEmpty();
    }
}
