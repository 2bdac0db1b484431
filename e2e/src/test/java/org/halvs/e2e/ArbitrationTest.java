package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Request;
import org.halvs.lab.RequestStream;
import org.halvs.lab.Switch;
import org.halvs.lab.demo.RecipeFiles;
import org.junit.jupiter.api.Test;

/** Exactly one owner, also when the directors do not hear each other, when one was asleep, and when one can't do what it should. */
class ArbitrationTest extends LabTest {
    private static final String FAST = "keepalive 200ms\ndeadtime 1\n";

    /** Heartbeats on a network of their own. */
    private static final String HA_CF = FAST + """
            initdead 10
            udpport 694
            ucast eth1 10.78.0.11
            ucast eth1 10.78.0.12
            auto_failback off
            node lb1
            node lb2
            """;

    @Test
    void cutOfTheHeartbeatPathIsNotNoticedByAnyClient() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            Switch heartbeats = pair.addHeartbeatNetwork();
            started(pair, HA_CF);
            try (RequestStream stream = pair.stream(10)) {
                Lab.pause(500);
                long cut = System.nanoTime();
                heartbeats.unplug(pair.lb2().host());
                eventually(
                        pair,
                        "lb2 finds that lb1 is alive",
                        20_000,
                        () -> status(pair.lb2()).contains("but its daemon answers"));
                Lab.pause(3_000);
                assertThat(pair.owners()).containsExactly(pair.lb1());
                heartbeats.replug(pair.lb2().host());
                eventually(
                        pair,
                        "they hear each other again",
                        30_000,
                        () -> status(pair.lb2()).contains("lb1                  active"));
                Lab.pause(2_000);
                assertThat(pair.owners()).containsExactly(pair.lb1());
                System.out.printf(
                        "heartbeat path cut and healed: longest wait of the client %.0f ms%n",
                        stream.longestGapMillis(cut));
                assertThat(stream.since(cut)).allMatch(Request::answered);
            }
        }
    }

    @Test
    void frozenDirectorThatGoesOnYieldsToTheOneThatTookOver() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(pair, HA_CF.replace("eth1 10.78", "eth0 10.77"));
            try (RequestStream stream = pair.stream(10)) {
                Lab.pause(500);
                pair.lb1().daemon().signal("STOP");
                eventually(pair, "lb2 takes over", 20_000, () -> pair.lb2().holds(DirectorPair.VIP));
                Lab.pause(11_000);
                long resumed = System.nanoTime();
                pair.lb1().daemon().signal("CONT");
                ownedBy(pair, pair.lb2());
                Lab.pause(2_000);
                assertThat(pair.owners()).containsExactly(pair.lb2());
                System.out.printf(
                        "frozen 12 s and resumed: longest wait of the client from the resume %.0f ms%n",
                        stream.longestGapMillis(resumed));
            }
            assertThat(pair.requests(5)).allMatch(Request::answered);
        }
    }

    @Test
    void aFailedStartPutsTheGroupOnThePeer() throws IOException {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            RecipeFiles.install(pair);
            pair.configure("ha.cf", HA_CF.replace("eth1 10.78", "eth0 10.77"));
            pair.configure("haresources", "lb1 IPaddr2::" + DirectorPair.VIP + "/24 flaky ldirectord\n");
            script(pair.lb1(), "case $1 in start) exit 1;; status) echo stopped;; esac");
            script(pair.lb2(), "case $1 in status) echo running OK;; esac");
            pair.lb1().start();
            pair.lb2().start();
            ownedBy(pair, pair.lb2());
            assertThat(pair.lb1().log()).contains("start of flaky in group");
            assertThat(status(pair.lb2())).contains("lb2 has it");

            script(pair.lb1(), "case $1 in status) echo running OK;; esac");
            pair.lb2().daemon().signal("KILL");
            ownedBy(pair, pair.lb1());
            assertThat(pair.lb1().log()).contains("lb1 tries again although its start failed there: there is no other");
        }
    }

    private static void script(Director director, String body) throws IOException {
        Path script = director.etc().resolve("resource.d").resolve("flaky");
        Files.createDirectories(director.etc().resolve("resource.d"));
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void theDirectorThatReachesMorePingNodesHasTheGroup() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            started(pair, HA_CF.replace("eth1 10.78", "eth0 10.77") + "ping 10.77.0.1\ndeadping 1\n");
            Host lb1 = pair.lb1().host();
            lb1.run("nft", "add", "table", "inet", "broken");
            lb1.run("nft", "add chain inet broken out { type filter hook output priority 0 ; }");
            lb1.run("nft", "add rule inet broken out ip daddr 10.77.0.1 icmp type echo-request drop");
            ownedBy(pair, pair.lb2());
            assertThat(pair.lb1().log()).contains("of the ping nodes, so lb1 does not have it");
        }
    }

    @Test
    void aDirectorWithoutACarrierGivesTheGroupAwayAndOnlyOneHasIt() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            pair.addHeartbeatNetwork();
            started(pair, HA_CF);
            pair.lan().unplug(pair.lb1().host());
            ownedBy(pair, pair.lb2());
            eventually(
                    pair,
                    "lb2 serves",
                    10_000,
                    () -> pair.requests(1).getFirst().answered());
            pair.lan().replug(pair.lb1().host());
            Lab.pause(2_000);
            assertThat(pair.owners()).isEqualTo(List.of(pair.lb2()));
        }
    }

    private static String status(Director director) {
        return director.halvs("status").output();
    }

    private static void started(DirectorPair pair, String haCf) {
        RecipeFiles.install(pair);
        pair.configure("ha.cf", haCf);
        pair.lb1().start();
        pair.lb2().start();
        ownedBy(pair, pair.lb1());
        eventually(
                pair,
                "all three serve",
                20_000,
                () -> pair.weights().values().stream().toList().equals(List.of(1, 1, 1)));
    }
}
