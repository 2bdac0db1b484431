package org.halvs.ha.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.takeover.ArbitrationRules;
import org.halvs.ha.takeover.ArbitrationRules.StopFailure;
import org.halvs.ha.takeover.Claim;
import org.halvs.ha.takeover.Scope;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

/** Two nodes, and a resource that can't be stopped where it is: what {@code stop_failure} says happens, and nobody takes it before that. */
class StopFailureTest {
    private static final ResourceSpec THING = new ResourceSpec("thing", List.of("1"), "thing::1");
    private static final ResourceGroup GROUP = new ResourceGroup("alice", List.of(THING), 1);
    private static final String KEY = GROUP.key();

    /** Longer than all attempts to stop it. */
    private static final long ATTEMPTS_MILLIS = 1_000 * (SimGroups.STOP_RETRIES + 1);

    private static SimCluster pair(StopFailure rule, SimCluster.World world) {
        ArbitrationRules arbitration = new ArbitrationRules(
                0, Duration.ZERO, Duration.ofMillis(200), rule == StopFailure.FENCE, Optional.empty(), rule);
        SimCluster cluster = new SimCluster(
                new TakeoverRules(List.of("alice", "bob"), false, Duration.ofSeconds(1), List.of(GROUP), arbitration),
                world,
                1);
        cluster.start("alice");
        cluster.start("bob");
        return cluster;
    }

    /** alice has it and can't stop it, and an operator wants it on bob. */
    private static SimCluster stuck(StopFailure rule) {
        SimCluster cluster = pair(rule, SimCluster.World.CALM);
        cluster.calmDown();
        cluster.run(1_000);
        assertThat(cluster.owners(KEY)).containsExactly("alice");
        cluster.refuseToStop("alice", THING);
        cluster.standby("alice", Scope.ALL);
        cluster.run(ATTEMPTS_MILLIS - 700);
        assertThat(cluster.ownership("bob").status().group(KEY).claim()).isEqualTo(Claim.NONE);
        return cluster;
    }

    private static String reason(SimCluster cluster, String node) {
        return cluster.ownership(node).outlooks().getFirst().reason();
    }

    @Test
    void alertKeepsItUntilAnOperatorHasMendedIt() {
        SimCluster cluster = stuck(StopFailure.ALERT);
        cluster.run(20_000);
        assertThat(cluster.ownership("alice").status().group(KEY).stuck()).isTrue();
        assertThat(reason(cluster, "alice")).contains("alice could not stop it: ", "does not stop");
        assertThat(cluster.owners(KEY)).containsExactly("alice");
        assertThat(cluster.isUp("alice")).isTrue();
        cluster.mendScripts();
        cluster.run(1_000);
        assertThat(cluster.owners(KEY)).containsExactly("bob");
        assertThat(String.join("\n", cluster.trace())).contains("the operator is told: thing::1 is with bob");
    }

    @Test
    void anOperatorInAHurryDoesNoHarm() {
        SimCluster cluster = stuck(StopFailure.ALERT);
        cluster.run(20_000);
        cluster.mendScripts();
        cluster.mendScripts();
        cluster.run(1_000);
        assertThat(cluster.violations()).isEmpty();
        assertThat(cluster.owners(KEY)).containsExactly("bob");
    }

    @Test
    void rebootRestartsTheMachine() {
        SimCluster cluster = stuck(StopFailure.REBOOT);
        cluster.run(5_000);
        assertThat(cluster.isUp("alice")).isFalse();
        assertThat(cluster.owners(KEY)).as("its silence decides").containsExactly("bob");
    }

    @Test
    void fenceHasItResetByTheOtherNodeWhichThenTakesIt() {
        SimCluster cluster = stuck(StopFailure.FENCE);
        cluster.run(5_000);
        assertThat(String.join("\n", cluster.trace())).contains("bob has reset alice");
        assertThat(cluster.owners(KEY)).containsExactly("bob");
        assertThat(cluster.violations()).isEmpty();
    }

    /** A start that fails goes to the other node, but not while part of it still runs where it failed. */
    @Test
    void aFailedStartThatCanNotBeStoppedIsTakenByNobody() {
        SimCluster cluster = pair(StopFailure.ALERT, new SimCluster.World(0, 0, 1, 5, 1));
        cluster.refuseToStop("alice", THING);
        cluster.run(1_000 + ATTEMPTS_MILLIS);
        assertThat(reason(cluster, "alice")).contains("it did not start and could not be stopped again");
        cluster.run(20_000);
        assertThat(cluster.owners(KEY)).containsExactly("alice");
        cluster.calmDown();
        cluster.mendScripts();
        cluster.run(1_000);
        assertThat(cluster.owners(KEY)).containsExactly("bob");
    }
}
