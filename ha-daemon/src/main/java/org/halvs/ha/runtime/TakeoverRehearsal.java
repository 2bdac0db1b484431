package org.halvs.ha.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.halvs.ha.arbitration.ClaimNetwork;
import org.halvs.ha.arbitration.ClaimQuestion;
import org.halvs.ha.arbitration.Watchdog;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.MembershipListener;
import org.halvs.ha.membership.ViewId;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimResult;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * Two nodes in memory: in each round one comes, is given all groups by hand, dies, and the other one takes them over. Everything between a view and an address is
 * what the real nodes have. Confined to one thread.
 */
final class TakeoverRehearsal implements AutoCloseable {
    private static final String OWNER = "owner";
    private static final String STANDBY = "standby";
    private static final long LIMIT_NANOS = 500_000_000;
    private static final long LOOK_NANOS = 2_000_000;

    private final List<ResourceGroup> groups;
    private final Function<ResourceSpec, ResourceAgent> agentOf;
    private final Together together;
    private final Seat standby;
    private long number;

    /** @param groups those of the configuration; what they are on is up to {@code agentOf} and {@code together} */
    TakeoverRehearsal(List<ResourceGroup> groups, Function<ResourceSpec, ResourceAgent> agentOf, Together together) {
        this.groups = groups.stream()
                .map(group -> new ResourceGroup(OWNER, group.resources(), group.line()))
                .toList();
        this.agentOf = agentOf;
        this.together = together;
        standby = new Seat(STANDBY);
    }

    /** Goes once through everything. Answers whether it came to its end; in one second at most. */
    boolean round() {
        try (Seat owner = new Seat(OWNER)) {
            standby.other = Optional.of(owner);
            owner.other = Optional.of(standby);
            ClusterView together = view(List.of(STANDBY, OWNER), Map.of());
            standby.listener.onView(together);
            owner.listener.onView(together);
            if (!owner.comesToHold()) {
                return false;
            }
            standby.other = Optional.empty();
            standby.listener.onView(view(List.of(STANDBY), Map.of(OWNER, Departure.PROCESS_ENDED)));
            return standby.comesToHold();
        }
    }

    private ClusterView view(List<String> members, Map<String, Departure> departed) {
        return new ClusterView(new ViewId(STANDBY, ++number), members, false, departed);
    }

    @Override
    public void close() {
        standby.close();
    }

    /** A node, and the place where it speaks to the other one. */
    private final class Seat implements Membership {
        private final String name;
        private final ControlLoop loop;
        private final ClusterNode node;
        private final MembershipListener listener;
        private volatile Optional<Seat> other = Optional.empty();

        Seat(String name) {
            this.name = name;
            loop = ControlLoop.start(() -> {});
            TakeoverRules rules = new TakeoverRules(List.of(OWNER, STANDBY), true, Duration.ZERO, groups);
            GroupRunner runner = new GroupRunner(groups, new AgentCalls(agentOf, together, (_, _, _, _, _) -> {}));
            node = new ClusterNode(
                    loop,
                    _ -> {},
                    this,
                    runner,
                    rules,
                    ++number,
                    new ClusterNode.Means(
                            new NobodyElse(),
                            Optional.empty(),
                            Watchdog.none(),
                            () -> {},
                            new Wakefulness(),
                            Long.MAX_VALUE / 2));
            listener = node.membershipListener();
        }

        boolean comesToHold() {
            long end = System.nanoTime() + LIMIT_NANOS;
            while (!loop.ask(this::holdsAll).join()) {
                if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
            return true;
        }

        private boolean holdsAll() {
            return groups.stream()
                    .allMatch(group ->
                            node.ownership().status().group(group.key()).claim() == Claim.HELD);
        }

        @Override
        public String localNode() {
            return name;
        }

        @Override
        public void start(MembershipListener whoListens) {
            throw new IllegalStateException("the listener is called by the rehearsal");
        }

        @Override
        public void broadcast(byte[] message) {
            other.ifPresent(seat -> seat.listener.onMessage(name, message));
        }

        @Override
        public void send(String to, byte[] message) {
            broadcast(message);
        }

        @Override
        public void close() {
            loop.close();
        }
    }

    /** The network where nobody else has anything. */
    private static final class NobodyElse implements ClaimNetwork {
        @Override
        public void publish(Map<String, ClaimAnswer> answers) {}

        @Override
        public void check(List<ClaimQuestion> questions, Consumer<ClaimReport> done) {
            new ArrayList<>(questions)
                    .forEach(asked -> done.accept(new ClaimReport(asked.group(), new ClaimResult.Free(), Map.of())));
        }

        @Override
        public void close() {}
    }
}
