package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.Lab;
import org.halvs.lab.Request;
import org.halvs.lab.Switch;
import org.halvs.lab.WebServer;
import org.halvs.lab.demo.RecipeFiles;
import org.junit.jupiter.api.Test;

/** Clients, routers and real servers that go on sending to the MAC of a director that is gone. */
class FormerMacTest extends LabTest {
    private static final int LOCAL_PORT = 8081;
    private static final String ADOPTED = "answers on lb1's MAC";
    private static final String LEFT = "no longer answers on lb1's MAC";

    private static final String HA_CF = """
            keepalive 200ms
            deadtime 1
            initdead 10
            udpport 694
            ucast eth1 10.78.0.11
            ucast eth1 10.78.0.12
            auto_failback off
            node lb1
            node lb2
            """;

    @Test
    void deadDirectorIsReplacedAlsoForThoseWhoHeardNothingOfIt() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            Switch heartbeats = pair.addHeartbeatNetwork();
            started(pair);
            WebServer local = WebServer.start(pair.lb2().host(), LOCAL_PORT);
            pair.pinFloatingAddress(pair.lb1());
            heartbeats.unplug(pair.lb1().host());
            pair.lan().unplug(pair.lb1().host());
            eventually(pair, "lb2 takes it", 20_000, () -> pair.lb2().holds(DirectorPair.VIP));
            eventually(
                    pair,
                    "lb2 serves it",
                    5_000,
                    () -> pair.requests(1).getFirst().answered());
            List<Request> forwarded = pair.requests(12);
            assertThat(forwarded).allMatch(Request::answered);
            assertThat(DirectorPair.answers(forwarded)).containsOnlyKeys("web1", "web2", "web3");
            assertThat(own(pair, DirectorPair.VIP).text())
                    .as("a service of the director itself")
                    .isEqualTo("lb2");
            assertThat(pair.lb2().log()).contains(ADOPTED).contains("for 10.77.0.50 for up to 60 s");
            local.stop();

            pair.lan().replug(pair.lb1().host());
            heartbeats.replug(pair.lb1().host());
            eventually(pair, "lb1 is back", 30_000, () -> pair.lb2().log().contains(LEFT));
            nothingIsLeft(pair.lb2());
            eventually(pair, "one owner", 20_000, () -> pair.owners().size() == 1);
            reached(pair, pair.lb1(), "10.77.0.11");
        }
    }

    @Test
    void directorWithoutACarrierIsReplacedLikewiseAndKeepsItsMacWhenItHasOneAgain() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            pair.addHeartbeatNetwork();
            started(pair);
            pair.pinFloatingAddress(pair.lb1());
            pair.lan().unplug(pair.lb1().host());
            ownedBy(pair, pair.lb2());
            eventually(
                    pair,
                    "lb2 serves it",
                    5_000,
                    () -> pair.requests(1).getFirst().answered());
            assertThat(pair.lb2().host().run("nft", "list", "tables")).contains("netdev halvs_adopted");
            pair.lan().replug(pair.lb1().host());
            eventually(pair, "lb1 is back", 10_000, () -> pair.lb2().log().contains(LEFT));
            nothingIsLeft(pair.lb2());
            reached(pair, pair.lb1(), "10.77.0.11");
            assertThat(pair.owners()).containsExactly(pair.lb2());
        }
    }

    @Test
    void theGuardianOfAKilledDaemonLeavesNothingOfIt() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            pair.addHeartbeatNetwork();
            started(pair);
            pair.lan().unplug(pair.lb1().host());
            ownedBy(pair, pair.lb2());
            eventually(pair, "lb2 adopts", 5_000, () -> pair.lb2().log().contains(ADOPTED));
            pair.lb2().kill();
            eventually(
                    pair,
                    "the packet filter is gone",
                    5_000,
                    () -> pair.lb2().host().run("nft", "list", "ruleset").isBlank());
            nothingIsLeft(pair.lb2());
        }
    }

    @Test
    void theMacOfAMachineThatLivesIsLeftAlone() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            pair.addHeartbeatNetwork();
            started(pair);
            pair.lb1().kill();
            ownedBy(pair, pair.lb2());
            Lab.pause(500);
            assertThat(pair.lb2().log()).doesNotContain(ADOPTED);
            nothingIsLeft(pair.lb2());
            reached(pair, pair.lb1(), "10.77.0.11");
            pair.lb1().start();
            eventually(
                    pair,
                    "lb1 is back",
                    20_000,
                    () -> pair.lb2().halvs("status").output().contains("lb1                  active"));
            assertThat(pair.lb2().halvs("standby").exit()).isZero();
            Lab.pause(500);
            assertThat(pair.lb1().log()).as("after a handover").doesNotContain("'s MAC");
        }
    }

    private static void nothingIsLeft(Director director) {
        assertThat(director.host().run("nft", "list", "tables")).doesNotContain("halvs_adopted");
        assertThat(director.host().ip("-d", "link", "show", "eth0")).contains("promiscuity 0");
    }

    /** A service of a director on its own address is reached. */
    private static void reached(DirectorPair pair, Director director, String address) {
        WebServer server = WebServer.start(director.host(), LOCAL_PORT);
        eventually(
                pair,
                address + " answers",
                15_000,
                () -> director.host().name().equals(own(pair, address).text()));
        server.stop();
    }

    private static Request own(DirectorPair pair, String address) {
        try {
            return pair.client()
                    .call(() -> Request.get(
                            pair.clientAddresses().getFirst(), InetAddress.getByName(address), LOCAL_PORT, 2000));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void started(DirectorPair pair) {
        RecipeFiles.install(pair);
        pair.configure("ha.cf", HA_CF);
        pair.lb1().start();
        pair.lb2().start();
        ownedBy(pair, pair.lb1());
        eventually(
                pair,
                "all three serve",
                20_000,
                () -> pair.weights().values().stream().toList().equals(List.of(1, 1, 1)));
        Lab.pause(500); // lb2 asks who has the address
    }
}
