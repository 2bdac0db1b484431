package org.halvs.ha.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.takeover.ArbitrationRules;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

/** One story each: what happens to a pair in a calm world, and what the nodes say about it. */
class ClusterStoriesTest {
    private static final String VIP = "IPaddr2::192.0.2.1";
    private static final long INITDEAD_MILLIS = 10_000;

    private static SimCluster pair(boolean returnsHome) {
        TakeoverRules rules = new TakeoverRules(
                List.of("alice", "bob"),
                returnsHome,
                Duration.ofMillis(INITDEAD_MILLIS),
                List.of(new ResourceGroup("alice", List.of(new ResourceSpec("IPaddr2", List.of(), VIP)), 1)));
        return new SimCluster(rules, SimCluster.World.CALM, 1);
    }

    /** Both nodes are up, and alice has the group as its preferred node. */
    private static SimCluster settled(boolean returnsHome) {
        SimCluster cluster = pair(returnsHome);
        cluster.start("alice");
        cluster.start("bob");
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        return cluster;
    }

    private static String steps(SimCluster cluster, String node) {
        return String.join(
                "\n",
                cluster.trace().stream()
                        .filter(line -> line.contains(" " + node + " GroupAcquiring")
                                || line.contains(" " + node + " GroupReleasing")
                                || line.contains(" " + node + " GroupAnnounced"))
                        .map(line -> line.substring(line.indexOf(' ') + 1 + node.length() + 1))
                        .toList());
    }

    @Test
    void bothStartTogether() {
        SimCluster cluster = settled(false);
        assertThat(steps(cluster, "alice"))
                .isEqualTo("GroupAcquiring[group=" + VIP + ", reason=nobody has it and alice is its preferred node]");
        assertThat(steps(cluster, "bob")).isEmpty();
    }

    @Test
    void aloneItWaitsInitdead() {
        SimCluster cluster = pair(true);
        cluster.start("bob");
        cluster.run(INITDEAD_MILLIS - 500);
        assertThat(cluster.owners(VIP)).isEmpty();
        assertThat(cluster.ownership("bob").outlooks().getFirst().reason())
                .endsWith("waiting up to initdead for alice");
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
    }

    @Test
    void whoWasSeenAndIsGoneIsNotWaitedFor() {
        SimCluster cluster = settled(true);
        cluster.crash("alice");
        cluster.run(200);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        assertThat(steps(cluster, "bob")).contains("no other node is there").contains("bob is the next that can");
    }

    @Test
    void aReturningPreferredNodeGetsItBackWithAutoFailback() {
        SimCluster cluster = settled(true);
        cluster.crash("alice");
        cluster.run(500);
        cluster.start("alice");
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        assertThat(steps(cluster, "bob"))
                .contains("GroupReleasing[group=" + VIP
                        + ", reason=it goes home to alice, its preferred node (auto_failback)]");
        int release = indexOf(cluster, "bob is through with");
        assertThat(indexOf(cluster, "alice is through with " + VIP, release)).isGreaterThan(release);
    }

    @Test
    void andNotWithout() {
        SimCluster cluster = settled(false);
        cluster.crash("alice");
        cluster.run(500);
        cluster.start("alice");
        cluster.run(2_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
    }

    @Test
    void anOrderlyLeaveHandsOver() {
        SimCluster cluster = settled(true);
        cluster.leave("alice");
        cluster.run(500);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        assertThat(cluster.isUp("alice")).isFalse();
        assertThat(steps(cluster, "alice")).contains("reason=alice is shutting down");
    }

    @Test
    void theLastNodeLeavesToo() {
        SimCluster cluster = settled(true);
        cluster.leave("alice");
        cluster.run(500);
        cluster.leave("bob");
        cluster.run(500);
        assertThat(cluster.isUp("bob")).isFalse();
        assertThat(cluster.owners(VIP)).isEmpty();
    }

    @Test
    void standbyIsStickyUntilTakeover() {
        SimCluster cluster = settled(true);
        cluster.standby("alice", Scope.ALL);
        cluster.run(5_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        assertThat(cluster.ownership("bob").outlooks().getFirst().reason()).isEqualTo("bob has it");
        cluster.takeover("alice", Scope.LOCAL);
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        cluster.standby("alice", Scope.ALL);
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        cluster.standby("bob", Scope.FOREIGN);
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).as("both were sent away, bob later").containsExactly("alice");
    }

    @Test
    void standbyEndsWithThePeer() {
        SimCluster cluster = settled(true);
        cluster.standby("alice", Scope.ALL);
        cluster.run(1_000);
        cluster.crash("bob");
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
    }

    @Test
    void standbyWithoutAPeerIsRefused() {
        SimCluster cluster = settled(true);
        cluster.crash("bob");
        cluster.run(1_000);
        cluster.standby("alice", Scope.ALL);
        cluster.run(10);
        assertThat(cluster.trace().getLast())
                .endsWith("the operator is told: there is no other node that could take them");
    }

    @Test
    void afterACutHealsThePreferredOneStaysWithAutoFailback() {
        SimCluster cluster = settled(true);
        cutOff(cluster);
        cluster.links.healHeartbeat();
        cluster.linksChanged();
        cluster.run(1_500);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        assertThat(steps(cluster, "bob")).contains("alice and bob both have it; alice keeps it as its preferred node");
        assertThat(steps(cluster, "alice"))
                .contains("GroupAnnounced[group=" + VIP + ", reason=the cluster was cut and is whole again]")
                .contains("GroupAnnounced[group=" + VIP + ", reason=no other node has it any more]")
                .doesNotContain("GroupReleasing");
    }

    @Test
    void andElseWhoHadItLonger() {
        SimCluster cluster = settled(false);
        cluster.standby("alice", Scope.ALL);
        cluster.run(1_000);
        cutOff(cluster);
        cluster.links.healHeartbeat();
        cluster.linksChanged();
        cluster.run(1_500);
        assertThat(cluster.owners(VIP)).as("bob had it before the cut").containsExactly("bob");
        assertThat(steps(cluster, "alice")).contains("bob keeps it (held before they met: alice for");
    }

    @Test
    void theSameWhenTheServiceNetworkIsWholeFirst() {
        for (boolean returnsHome : List.of(true, false)) {
            SimCluster cluster = settled(returnsHome);
            cutOff(cluster);
            cluster.links.healService();
            cluster.linksChanged();
            cluster.run(1_500);
            assertThat(cluster.owners(VIP)).containsExactly("alice");
            assertThat(steps(cluster, "bob"))
                    .contains("all heartbeat paths to alice are silent, and alice has it too and keeps it");
            assertThat(steps(cluster, "alice"))
                    .contains("GroupAnnounced[group=" + VIP + ", reason=the other node has given it up]")
                    .doesNotContain("GroupReleasing");
        }
    }

    private static SimCluster arbitrated(ArbitrationRules arbitration, String... nodes) {
        TakeoverRules rules = new TakeoverRules(
                List.of(nodes),
                false,
                Duration.ofMillis(INITDEAD_MILLIS),
                List.of(new ResourceGroup("alice", List.of(new ResourceSpec("IPaddr2", List.of(), VIP)), 1)),
                arbitration);
        SimCluster cluster = new SimCluster(rules, SimCluster.World.CALM, 1);
        cluster.calmDown();
        rules.nodes().forEach(cluster::start);
        cluster.run(2_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        return cluster;
    }

    private static ArbitrationRules arbitration(int pings, boolean fencing, Optional<String> witness) {
        return new ArbitrationRules(
                pings,
                Duration.ofMillis(400),
                Duration.ofMillis(200),
                fencing,
                witness,
                ArbitrationRules.StopFailure.ALERT);
    }

    private static String outlook(SimCluster cluster, String node) {
        return cluster.ownership(node).outlooks().getFirst().reason();
    }

    @Test
    void aCutOfTheHeartbeatPathsMovesNothing() {
        SimCluster cluster = settled(true);
        cluster.cutHeartbeat(List.of("bob"));
        cluster.run(5_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        assertThat(outlook(cluster, "bob"))
                .endsWith("all heartbeat paths to alice are silent, but its daemon answers on the network of " + VIP
                        + ": it keeps it");
        cluster.heal();
        cluster.run(2_000);
        assertThat(steps(cluster, "bob")).isEmpty();
        assertThat(steps(cluster, "alice")).doesNotContain("GroupReleasing");
    }

    /** The claim check is over when the silence is long enough. */
    @Test
    void whoIsOverdueIsAskedForBeforeItIsGivenUp() {
        SimCluster cluster = settled(false);
        cluster.powerOff("alice");
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        int gone = indexOf(cluster, "bob sees", indexOf(cluster, "alice loses its power"));
        assertThat(cluster.trace().subList(0, gone)).anyMatch(line -> line.contains("bob asks who has"));
        List<String> then = cluster.trace().subList(gone, indexOf(cluster, "bob GroupAcquiring", gone) + 1);
        assertThat(then.getLast()).contains("nobody answers for it");
        assertThat(then).noneMatch(line -> line.contains("bob asks who has"));
    }

    @Test
    void whoIsOverdueAndHeardAgainKeepsWhatItHas() {
        SimCluster cluster = settled(false);
        for (int i = 0; i < 20; i++) {
            cluster.pause("alice", 480);
            cluster.run(700);
        }
        assertThat(cluster.trace()).anyMatch(line -> line.contains("bob asks who has"));
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        assertThat(steps(cluster, "bob")).isEmpty();
    }

    @Test
    void whoWasAsleepYieldsToWhoTookOver() {
        SimCluster cluster = settled(false);
        cluster.pause("alice", 12_000);
        cluster.run(11_000);
        assertThat(cluster.owners(VIP))
                .as("alice's machine still has the address")
                .containsExactly("alice", "bob");
        cluster.run(3_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        assertThat(steps(cluster, "alice")).contains("bob");
    }

    @Test
    void withAWitnessOnlyTheMajorityHasIt() {
        SimCluster cluster = arbitrated(arbitration(0, false, Optional.of("carol")), "alice", "bob", "carol");
        cluster.cut(List.of("alice"));
        cluster.run(3_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        assertThat(steps(cluster, "alice")).contains("this side of the cut has 1 of 3 nodes, which is no majority");
    }

    @Test
    void theSideOfACutThatReachesNoPingNodeGivesUp() {
        SimCluster cluster = arbitrated(arbitration(1, false, Optional.empty()), "alice", "bob");
        cluster.links.losePings("alice");
        cluster.cut(List.of("alice"));
        cluster.run(3_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        assertThat(steps(cluster, "alice")).contains("the ping node does not answer alice");
    }

    @Test
    void inAWholeViewTheNodeThatReachesMorePingNodesHasIt() {
        SimCluster cluster = arbitrated(arbitration(1, false, Optional.empty()), "alice", "bob");
        cluster.links.losePings("alice");
        cluster.run(3_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        assertThat(steps(cluster, "alice")).contains("alice reaches 0, bob reaches 1 of the ping nodes");
    }

    @Test
    void withFencingTheSilentNodeIsResetFirst() {
        SimCluster cluster = arbitrated(arbitration(0, true, Optional.empty()), "alice", "bob");
        cluster.cut(List.of("alice"));
        cluster.run(700);
        assertThat(outlook(cluster, "bob")).endsWith("waiting until alice has been reset");
        cluster.run(5_000);
        assertThat(cluster.isUp("alice")).isFalse();
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        assertThat(cluster.violations()).isEmpty();
    }

    @Test
    void withoutACarrierItGoesToTheOtherAndAloneItIsReleased() {
        SimCluster cluster = settled(false);
        cluster.links.unplug("alice");
        cluster.linksChanged();
        cluster.run(2_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        cluster.powerOff("alice");
        cluster.links.unplug("bob");
        cluster.linksChanged();
        cluster.run(3_000);
        assertThat(cluster.owners(VIP)).isEmpty();
        cluster.links.plug("bob");
        cluster.linksChanged();
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
    }

    private static void cutOff(SimCluster cluster) {
        cluster.cut(List.of("bob"));
        cluster.run(3_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice", "bob");
    }

    @Test
    void aFailedStartMovesItToThePeer() {
        SimCluster cluster = failedOnBoth();
        assertThat(cluster.ownership("bob").outlooks().getFirst().reason())
                .isEqualTo("nobody can have it: its start failed on alice, its start failed on bob; "
                        + "bob tries again 1 min after it failed");
        cluster.calmDown();
        cluster.takeover("bob", Scope.ALL);
        cluster.run(500);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        cluster.run(120_000);
        assertThat(cluster.owners(VIP))
                .as("alice failed, and there is another node")
                .containsExactly("bob");
    }

    @Test
    void whatStartedNowhereIsTriedAgainLessAndLessOften() {
        SimCluster cluster = failedOnBoth();
        cluster.run(58_000);
        assertThat(attempts(cluster, "alice")).isEqualTo(1);
        cluster.run(15 * 60_000);
        assertThat(attempts(cluster, "alice")).as("after 0, 1, 3, 7 and 15 min").isEqualTo(5);
        assertThat(attempts(cluster, "bob")).isEqualTo(5);
        assertThat(steps(cluster, "bob"))
                .endsWith("reason=bob tries again although its start failed there: there is no other]");
        cluster.calmDown();
        cluster.run(17 * 60_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        cluster.run(17 * 60_000);
        assertThat(cluster.violations()).isEmpty();
        assertThat(attempts(cluster, "alice")).isEqualTo(6);
    }

    @Test
    void whereItFailedItIsTriedAgainWhenTheOtherNodeIsGone() {
        SimCluster cluster = failedOnBob();
        cluster.crash("alice");
        cluster.run(200);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
    }

    @Test
    void whereItFailedLongAgoItGoesWhenTheOtherNodeHasNoCarrier() {
        SimCluster cluster = failedOnBob();
        cluster.run(60_000);
        cluster.links.unplug("alice");
        cluster.linksChanged();
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("bob");
        cluster.links.plug("alice");
        cluster.linksChanged();
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
    }

    /** The group started on neither node, a moment ago. */
    private static SimCluster failedOnBoth() {
        TakeoverRules rules = new TakeoverRules(
                List.of("alice", "bob"),
                true,
                Duration.ofSeconds(1),
                List.of(new ResourceGroup("alice", List.of(new ResourceSpec("x", List.of(), VIP)), 1)));
        SimCluster cluster = new SimCluster(rules, new SimCluster.World(0, 0, 1, 5, 1), 1);
        cluster.start("alice");
        cluster.start("bob");
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).isEmpty();
        return cluster;
    }

    /** Alice has the group, which did not start on bob before. */
    private static SimCluster failedOnBob() {
        SimCluster cluster = failedOnBoth();
        cluster.calmDown();
        cluster.takeover("alice", Scope.ALL);
        cluster.run(1_000);
        assertThat(cluster.owners(VIP)).containsExactly("alice");
        return cluster;
    }

    private static long attempts(SimCluster cluster, String node) {
        return cluster.trace().stream()
                .filter(line -> line.contains(" " + node + " GroupAcquiring"))
                .count();
    }

    /** Seed 1262 of three nodes: it froze right after it had asked, for so long that it asked again when it went on. */
    @Test
    void anAnswerFromBeforeASleepIsNotTakenForTheOneToTheNextQuestion() {
        SimCluster cluster = settled(false);
        cluster.cutHeartbeat(List.of("bob"));
        cluster.run(1_000);
        while (!cluster.trace().getLast().contains("bob asks who has")) {
            cluster.run(1);
        }
        cluster.cut(List.of("bob"));
        cluster.pause("bob", 2_500);
        cluster.run(100);
        cluster.heal();
        cluster.cutHeartbeat(List.of("bob"));
        cluster.run(5_000);
        assertThat(indexOf(cluster, "bob found out about", indexOf(cluster, "bob goes on")))
                .isPositive();
        assertThat(steps(cluster, "bob")).isEmpty();
        assertThat(cluster.violations()).isEmpty();
    }

    private static int indexOf(SimCluster cluster, String what) {
        return indexOf(cluster, what, 0);
    }

    private static int indexOf(SimCluster cluster, String what, int from) {
        List<String> trace = cluster.trace();
        for (int i = from; i < trace.size(); i++) {
            if (trace.get(i).contains(what)) {
                return i;
            }
        }
        throw new AssertionError("no \"" + what + "\" in\n" + String.join("\n", trace));
    }
}
