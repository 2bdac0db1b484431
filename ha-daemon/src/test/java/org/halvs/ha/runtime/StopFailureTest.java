package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.halvs.ha.arbitration.ClaimNetwork;
import org.halvs.ha.arbitration.ClaimQuestion;
import org.halvs.ha.arbitration.Fencing;
import org.halvs.ha.arbitration.Watchdog;
import org.halvs.ha.cluster.ClusterNode;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.MembershipListener;
import org.halvs.ha.membership.ViewId;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.takeover.ArbitrationRules;
import org.halvs.ha.takeover.ArbitrationRules.StopFailure;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimResult;
import org.halvs.ha.takeover.GroupStatus;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two nodes, and a resource that can't be stopped where it is: what {@code stop_failure} says happens, and nobody takes it before that. */
class StopFailureTest {
    private static final ResourceGroup GROUP =
            new ResourceGroup("lb1", List.of(new ResourceSpec("thing", List.of("1"), "thing::1")), 1);

    private final Map<String, MembershipListener> listeners = new ConcurrentHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<String> fenced = new CopyOnWriteArrayList<>();
    /** Where the resource runs. */
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    /** Where it refuses to start, and to stop. */
    private final Set<String> startless = ConcurrentHashMap.newKeySet();

    private final Set<String> stopless = ConcurrentHashMap.newKeySet();
    private final List<String> restarted = new CopyOnWriteArrayList<>();

    private final class Node {
        final String name;
        final ControlLoop loop = ControlLoop.start(() -> {});
        final ClusterNode cluster;

        Node(String name, StopFailure rule) {
            this.name = name;
            ArbitrationRules arbitration = new ArbitrationRules(
                    0, Duration.ZERO, Duration.ofMillis(200), rule == StopFailure.FENCE, Optional.empty(), rule);
            TakeoverRules rules = new TakeoverRules(
                    List.of("lb1", "lb2"), false, Duration.ofMillis(100), List.of(GROUP), arbitration);
            GroupRunner runner = new GroupRunner(
                    rules.groups(), new AgentCalls(_ -> new Thing(name), Together.NONE, (_, _, _, _, _) -> {}));
            runner.stopRetries(0);
            cluster = new ClusterNode(
                    loop,
                    _ -> {},
                    new Wire(name),
                    runner,
                    rules,
                    1,
                    new ClusterNode.Means(
                            new NobodyElse(),
                            Optional.of(new Resets()),
                            Watchdog.none(),
                            () -> restarted.add(name),
                            new Wakefulness(),
                            TimeUnit.SECONDS.toNanos(60)));
            nodes.add(this);
            listeners.put(name, cluster.membershipListener());
        }

        GroupStatus status() {
            return loop.ask(() -> cluster.ownership().status().group(GROUP.key()))
                    .join();
        }

        String reason() {
            return loop.ask(() -> cluster.ownership().outlooks().toString()).join();
        }

        CompletableFuture<String> standby() {
            CompletableFuture<String> answer = new CompletableFuture<>();
            loop.enqueue(() -> cluster.standby(Scope.ALL, answer));
            return answer;
        }
    }

    private final class Thing implements ResourceAgent {
        private final String node;

        Thing(String node) {
            this.node = node;
        }

        @Override
        public ActionResult start() {
            running.add(node);
            return startless.contains(node) ? new ActionResult.Failed(1, "half started") : ActionResult.done();
        }

        @Override
        public ActionResult stop() {
            if (stopless.contains(node)) {
                return new ActionResult.Failed(1, "it will not");
            }
            running.remove(node);
            return ActionResult.done();
        }

        @Override
        public ActionResult status() {
            return running.contains(node) ? ActionResult.done() : new ActionResult.NotRunning();
        }
    }

    /** Everything sent arrives. */
    private final class Wire implements Membership {
        private final String node;

        Wire(String node) {
            this.node = node;
        }

        @Override
        public String localNode() {
            return node;
        }

        @Override
        public void start(MembershipListener listener) {}

        @Override
        public void broadcast(byte[] message) {
            listeners.forEach((name, listener) -> {
                if (!name.equals(node)) {
                    listener.onMessage(node, message);
                }
            });
        }

        @Override
        public void send(String to, byte[] message) {
            Optional.ofNullable(listeners.get(to)).ifPresent(listener -> listener.onMessage(node, message));
        }

        @Override
        public void close() {}
    }

    private static final class NobodyElse implements ClaimNetwork {
        @Override
        public void publish(Map<String, ClaimAnswer> answers) {}

        @Override
        public void check(List<ClaimQuestion> questions, Consumer<ClaimReport> done) {
            questions.forEach(
                    question -> done.accept(new ClaimReport(question.group(), new ClaimResult.Free(), Map.of())));
        }

        @Override
        public void close() {}
    }

    private final class Resets implements Fencing {
        @Override
        public void reset(String node, Consumer<Outcome> done) {
            fenced.add(node);
            running.remove(node);
            done.accept(new Outcome.Done());
        }

        @Override
        public void status(Consumer<Outcome> done) {}

        @Override
        public void close() {}
    }

    private void start(StopFailure rule) {
        new Node("lb1", rule);
        new Node("lb2", rule);
        see("lb1", "lb2");
        await(
                "lb1 or lb2 has it",
                () -> nodes.stream().anyMatch(node -> node.status().claim() == Claim.HELD)
                        || nodes.stream().anyMatch(node -> node.status().stuck()));
    }

    private void see(String... members) {
        ClusterView view = new ClusterView(new ViewId("lb1", members.length), List.of(members), false);
        for (String member : members) {
            Optional.ofNullable(listeners.get(member)).ifPresent(listener -> listener.onView(view));
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as(what).isNegative();
            Thread.onSpinWait();
        }
    }

    private Node owner() {
        return nodes.stream()
                .filter(node -> node.status().claim() == Claim.HELD)
                .findFirst()
                .orElseThrow();
    }

    private Node other(Node node) {
        return nodes.stream().filter(each -> each != node).findFirst().orElseThrow();
    }

    @AfterEach
    void close() {
        nodes.forEach(node -> node.loop.close());
    }

    @Test
    void alertKeepsItUntilAnOperatorHasMendedIt() {
        start(StopFailure.ALERT);
        Node owner = owner();
        stopless.add(owner.name);
        CompletableFuture<String> _ = owner.standby();
        await("it is stuck", () -> owner.status().stuck());
        assertThat(owner.reason()).contains(owner.name + " could not stop it: ", "it will not");
        assertThat(other(owner).status().claim()).isEqualTo(Claim.NONE);
        assertThat(restarted).isEmpty();
        assertThat(fenced).isEmpty();
        stopless.clear();
        CompletableFuture<String> again = owner.standby();
        await("the other one has it", () -> other(owner).status().claim() == Claim.HELD);
        assertThat(again.join()).contains("is with " + other(owner).name);
        assertThat(running).containsExactly(other(owner).name);
    }

    @Test
    void rebootRestartsTheMachine() {
        start(StopFailure.REBOOT);
        Node owner = owner();
        stopless.add(owner.name);
        CompletableFuture<String> _ = owner.standby();
        await("it restarts", () -> restarted.equals(List.of(owner.name)));
        assertThat(other(owner).status().claim()).as("its silence decides").isEqualTo(Claim.NONE);
    }

    @Test
    void fenceHasItResetByTheOtherNodeWhichThenTakesIt() {
        start(StopFailure.FENCE);
        Node owner = owner();
        stopless.add(owner.name);
        CompletableFuture<String> _ = owner.standby();
        await("it is reset", () -> fenced.contains(owner.name));
        assertThat(other(owner).status().claim())
                .as("not while it is in the view")
                .isEqualTo(Claim.NONE);
        see(other(owner).name);
        await("the other one has it", () -> other(owner).status().claim() == Claim.HELD);
        assertThat(running).containsExactly(other(owner).name);
        assertThat(restarted).isEmpty();
    }

    /** A start that fails goes to the other node, but not while part of it still runs where it failed. */
    @Test
    void aFailedStartThatCanNotBeStoppedIsTakenByNobody() {
        startless.add("lb1");
        stopless.add("lb1");
        startless.add("lb2");
        stopless.add("lb2");
        start(StopFailure.ALERT);
        await(
                "somebody is stuck",
                () -> nodes.stream().anyMatch(node -> node.status().stuck()));
        Node stuck =
                nodes.stream().filter(node -> node.status().stuck()).findFirst().orElseThrow();
        assertThat(stuck.reason()).contains("it did not start and could not be stopped again");
        assertThat(running).containsExactly(stuck.name);
        startless.clear();
        stopless.clear();
        CompletableFuture<String> _ = stuck.standby();
        await("the other one has it", () -> other(stuck).status().claim() == Claim.HELD);
        assertThat(running).containsExactly(other(stuck).name);
    }
}
