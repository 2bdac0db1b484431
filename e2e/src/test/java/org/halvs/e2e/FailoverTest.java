package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.Lab;
import org.halvs.lab.Request;
import org.halvs.lab.RequestStream;
import org.halvs.lab.demo.RecipeFiles;
import org.junit.jupiter.api.Test;

/** Who owns the address, whatever happens to the directors. */
class FailoverTest extends LabTest {

    @Test
    void killedDirectorIsReplacedAndItsAddressIsOnOneMachine() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(pair, RecipeFiles.HA_CF);
            try (RequestStream stream = pair.stream(10)) {
                Lab.pause(500);
                long killed = System.nanoTime();
                pair.lb1().kill();
                ownedBy(pair, pair.lb2());
                Lab.pause(500);
                assertThat(stream.since(killed).stream()
                                .filter(Request::answered)
                                .count())
                        .isPositive();
                System.out.printf("SIGKILL: longest wait of the client %.0f ms%n", stream.longestGapMillis(killed));
            }
            assertThat(pair.owners()).containsExactly(pair.lb2());
            eventually(
                    pair,
                    "the packet filter is gone",
                    5_000,
                    () -> pair.lb1().host().run("nft", "list", "ruleset").isBlank());
        }
    }

    @Test
    void guardianIsReplacedWhenKilledAndEndsWithTheDaemon() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(pair, RecipeFiles.HA_CF);
            String guardian = guardians(pair.lb1());
            assertThat(guardian).isNotBlank();
            pair.lb1().host().run("kill", "-9", guardian);
            eventually(
                    pair,
                    "another guardian",
                    10_000,
                    () -> !List.of("", guardian).contains(guardians(pair.lb1())));
            pair.lb1().stop();
            eventually(pair, "no guardian", 5_000, () -> guardians(pair.lb1()).isBlank());
            assertThat(pair.lb1().log()).doesNotContain("has died");
        }
    }

    @Test
    void whereTheGuardianIsKilledTooTheStopPostStepOfTheUnitCleansUp() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(pair, RecipeFiles.HA_CF);
            pair.lb1()
                    .host()
                    .run(
                            "kill",
                            "-9",
                            guardians(pair.lb1()),
                            Long.toString(pair.lb1().daemon().pid()));
            eventually(pair, "lb2 takes over", 10_000, () -> pair.lb2().holds(DirectorPair.VIP));
            assertThat(pair.lb1().holds(DirectorPair.VIP)).isTrue();
            assertThat(pair.lb1().halvs("cleanup").output()).contains("removed " + DirectorPair.VIP);
            assertThat(pair.owners()).containsExactly(pair.lb2());
        }
    }

    /** The process ids of this director's guardians. */
    private static String guardians(Director director) {
        return director.host()
                .execute("pgrep", "-f", "guardian.sh " + director.run())
                .output()
                .strip();
    }

    @Test
    void returningPreferredNodeGetsItBackWithAutoFailbackOnOnly() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(pair, RecipeFiles.HA_CF.replace("auto_failback on", "auto_failback off"));
            pair.lb1().kill();
            ownedBy(pair, pair.lb2());
            pair.lb1().start();
            eventually(
                    pair,
                    "lb1 is back",
                    20_000,
                    () -> pair.lb2().halvs("status").output().contains("lb1                  active"));
            Lab.pause(1000);
            assertThat(pair.owners()).containsExactly(pair.lb2());

            pair.configure("ha.cf", RecipeFiles.HA_CF);
            pair.lb1().stop();
            pair.lb2().stop();
            pair.lb2().start();
            ownedBy(pair, pair.lb2());
            pair.lb1().start();
            ownedBy(pair, pair.lb1());
        }
    }

    @Test
    void orderlyStopHandsOverAndLeavesNothingBehind() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(pair, RecipeFiles.HA_CF);
            pair.lb1().stop();
            assertThat(pair.lb1().holds(DirectorPair.VIP)).isFalse();
            ownedBy(pair, pair.lb2());
            eventually(
                    pair, "lb2 serves", 5_000, () -> pair.requests(1).getFirst().answered());
            pair.lb2().stop();
            assertThat(pair.owners()).isEmpty();
            assertThat(pair.lb2().host().run("nft", "list", "ruleset")).isBlank();
        }
    }

    @Test
    void operatorMovesItThereAndBack() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(pair, RecipeFiles.HA_CF);
            var standby = pair.lb1().halvs("standby");
            assertThat(standby.exit()).as(standby.output()).isZero();
            assertThat(pair.owners()).containsExactly(pair.lb2());
            var takeover = pair.lb1().halvs("takeover");
            assertThat(takeover.exit()).as(takeover.output()).isZero();
            assertThat(pair.owners()).containsExactly(pair.lb1());
        }
    }

    @Test
    void frozenDirectorIsReplacedAfterDeadtime() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(
                    pair,
                    RecipeFiles.HA_CF.replace("keepalive 1", "keepalive 200ms").replace("deadtime 10", "deadtime 1"));
            long frozen = System.nanoTime();
            pair.lb1().daemon().signal("STOP");
            eventually(pair, "lb2 takes over", 10_000, () -> pair.lb2().holds(DirectorPair.VIP));
            System.out.printf("frozen: taken over after %.0f ms%n", (System.nanoTime() - frozen) / 1e6);
            pair.lb1().daemon().signal("CONT");
            eventually(pair, "one owner is left", 20_000, () -> pair.owners().size() == 1);
        }
    }

    private static void started(DirectorPair pair, String haCf) {
        RecipeFiles.install(pair);
        pair.configure("ha.cf", haCf);
        pair.lb1().start();
        pair.lb2().start();
        ownedBy(pair, pair.lb1());
        eventually(pair, "all three serve", 10_000, () -> allServe(pair));
    }

    private static boolean allServe(DirectorPair pair) {
        return List.copyOf(pair.weights().values()).equals(List.of(1, 1, 1));
    }
}
