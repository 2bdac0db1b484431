package org.halvs.ha.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.ViewId;
import org.halvs.ha.takeover.ArbitrationRules;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.Ownership;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.ha.takeover.TakeoverStep;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

/** Two nodes that hear each other: what the watch of each says when operators move groups, and what a preview says before. */
class ClusterWatchTest {
    private static final String KEY = "IPaddr2::192.0.2.1";
    private static final TakeoverRules RULES = new TakeoverRules(
            List.of("alice", "bob"),
            false,
            Duration.ofSeconds(10),
            List.of(new ResourceGroup("alice", List.of(new ResourceSpec("IPaddr2", List.of("192.0.2.1"), KEY)), 1)),
            ArbitrationRules.NONE);
    private static final ClusterView BOTH = new ClusterView(new ViewId("alice", 1), List.of("alice", "bob"), false);

    private final Map<String, Seat> seats = new LinkedHashMap<>();
    private long nowNanos;

    /** A node whose resources start and stop at once. */
    private final class Seat {
        final Ownership ownership;
        final ClusterWatch watch;
        final List<DomainEvent> events = new ArrayList<>();

        Seat(String node) {
            ownership = new Ownership(RULES, node, 1, nowNanos);
            watch = new ClusterWatch(RULES, node);
        }

        void take(List<TakeoverStep> steps) {
            List<TakeoverStep> due = new ArrayList<>(steps);
            events.addAll(watch.look(ownership));
            while (!due.isEmpty()) {
                switch (due.removeFirst()) {
                    case TakeoverStep.Acquire step -> due.addAll(ownership.acquired(step.group(), nowNanos));
                    case TakeoverStep.Release step -> due.addAll(ownership.released(step.group(), nowNanos));
                    default -> {}
                }
                events.addAll(watch.look(ownership));
            }
        }
    }

    private void start() {
        for (String node : List.of("alice", "bob")) {
            Seat seat = new Seat(node);
            seats.put(node, seat);
            seat.take(seat.ownership.onView(BOTH, nowNanos));
            seat.take(seat.ownership.ready(true, nowNanos));
        }
        talk();
    }

    private Seat seat(String node) {
        Seat seat = seats.get(node);
        if (seat == null) {
            throw new IllegalStateException(node);
        }
        return seat;
    }

    private void talk() {
        for (int round = 0; round < 20; round++) {
            nowNanos += 100_000_000;
            NodeStatus alice = seat("alice").ownership.status();
            NodeStatus bob = seat("bob").ownership.status();
            seat("alice").take(seat("alice").ownership.onStatus(bob, nowNanos));
            seat("bob").take(seat("bob").ownership.onStatus(alice, nowNanos));
        }
    }

    private MovePreview preview(String node) {
        Map<String, NodeStatus> statuses = new LinkedHashMap<>();
        seats.values().forEach(seat -> statuses.put(seat.ownership.status().node(), seat.ownership.status()));
        return new MovePreview(RULES, node, BOTH, statuses);
    }

    @Test
    void standbyIsToldOnBothSides() {
        start();
        assertThat(preview("alice").standby(Scope.ALL).lines()).containsExactly(KEY + " goes from alice to bob");
        assertThat(preview("alice").standby(Scope.FOREIGN).lines())
                .containsExactly("no group of haresources is meant by foreign");
        assertThat(preview("alice").takeover(Scope.ALL).lines()).containsExactly(KEY + " is with alice already");
        seat("alice").events.clear();
        seat("bob").events.clear();
        seat("alice").watch.asked(Scope.LOCAL);
        seat("alice")
                .take(seat("alice").ownership.standby(Scope.LOCAL, nowNanos).steps());
        talk();
        assertThat(seat("alice").events)
                .containsSubsequence(
                        new DomainEvent.StandbyBegun("alice", "local", "bob", true),
                        new DomainEvent.StandbyCompleted("alice", "local", "bob", true));
        assertThat(seat("bob").events)
                .containsSubsequence(
                        new DomainEvent.StandbyBegun("alice", "all", "bob", false),
                        new DomainEvent.StandbyCompleted("alice", "all", "bob", false));
        assertThat(preview("alice").standby(Scope.ALL).lines()).containsExactly(KEY + " is with bob already");
        assertThat(preview("alice").takeover(Scope.ALL).moving()).containsExactly(KEY);
    }

    @Test
    void everyStateOfANodeIsToldOnce() {
        start();
        assertThat(seat("alice").events.stream().filter(DomainEvent.NodeStatusChanged.class::isInstance))
                .contains(
                        new DomainEvent.NodeStatusChanged("alice", true, "active"),
                        new DomainEvent.NodeStatusChanged("bob", false, "active"))
                .doesNotHaveDuplicates();
        seat("alice").events.clear();
        talk();
        assertThat(seat("alice").events).isEmpty();
    }

    @Test
    void aDeadNodeIsTakenOverFrom() {
        start();
        Seat bob = seat("bob");
        bob.events.clear();
        ClusterView alone =
                new ClusterView(new ViewId("bob", 2), List.of("bob"), false, Map.of("alice", Departure.PROCESS_ENDED));
        bob.events.addAll(bob.watch.onView(alone, List.of("alice")));
        assertThat(bob.events)
                .containsExactly(new DomainEvent.NodeDeparted("alice", "its process has ended", false, false));
        bob.take(bob.ownership.onView(alone, nowNanos));
        assertThat(bob.events).contains(new DomainEvent.NodeStatusChanged("alice", false, "dead"));
        assertThat(new MovePreview(RULES, "bob", alone, Map.of("bob", bob.ownership.status()))
                        .standby(Scope.ALL)
                        .lines())
                .allMatch(line -> line.contains("alice is not there") || line.contains("is with nobody"));
    }

    @Test
    void otherRulesOnTheOtherNodeAreDrift() {
        start();
        seat("alice").events.clear();
        TakeoverRules others =
                new TakeoverRules(RULES.nodes(), true, RULES.initdead(), RULES.groups(), ArbitrationRules.NONE);
        seat("bob").watch.configure(others);
        seat("bob").take(seat("bob").ownership.configure(others, nowNanos));
        talk();
        assertThat(seat("alice").events)
                .filteredOn(DomainEvent.ConfigurationDrift.class::isInstance)
                .singleElement()
                .satisfies(event -> assertThat(((DomainEvent.ConfigurationDrift) event).parts())
                        .containsExactly("auto_failback of ha.cf"));
        seat("alice").watch.configure(others);
        seat("alice").take(seat("alice").ownership.configure(others, nowNanos));
        talk();
        assertThat(seat("alice").events).contains(new DomainEvent.ConfigurationDrift("bob", List.of()));
    }
}
