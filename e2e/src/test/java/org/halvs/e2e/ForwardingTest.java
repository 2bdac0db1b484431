package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.halvs.lab.Command;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.DirectorPair.Reached;
import org.halvs.lab.Lab;
import org.halvs.lab.Request;
import org.halvs.lab.WebServer;
import org.halvs.lab.demo.RecipeFiles;
import org.junit.jupiter.api.Test;

/** Requests through one director: who gets them, and what happens when real servers come and go. */
class ForwardingTest extends LabTest {
    private static final String HARESOURCES = RecipeFiles.HARESOURCES;

    @Test
    void eachForwardingMethodCarriesRequestsByWeight() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION)) {
            serve(pair, """
                    checkinterval=1
                    virtual=10.77.0.50:80
                        real=10.77.0.21:80 masq 1
                        real=10.77.0.22:80 gate 2
                        real=10.77.0.23:80 ipip 3
                        scheduler=wrr
                        service=http
                        request="index.html"
                        receive="web[123]"
                    """);
            eventually(pair, "all are up", 10_000, () -> pair.weights().size() == 3);
            List<Request> requests = pair.requests(120);
            assertThat(requests).allMatch(Request::answered);
            assertThat(DirectorPair.answers(requests)).isEqualTo(Map.of("web1", 20, "web2", 40, "web3", 60));
            String stats = pair.lb1().tool("ipvsadm", "-l", "-n", "--stats").output();
            assertThat(stats).contains("Conns", "InPkts").contains("10.77.0.23:80");
            assertThat(pair.lb1().tool("ipvsadm", "-L", "-n", "-c").output()).contains("203.0.113.1", "10.77.0.50:80");
        }
    }

    @Test
    void deadServerIsQuiescedAndReturns() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION, List.of(Reached.DIRECTLY, Reached.DIRECTLY))) {
            serve(pair, twoServers("quiescent=yes"));
            eventually(
                    pair,
                    "both are up",
                    10_000,
                    () -> pair.weights().equals(Map.of("10.77.0.21:80", 1, "10.77.0.22:80", 1)));
            WebServer victim = pair.webServers().getFirst();
            victim.stop();
            eventually(
                    pair,
                    "it has weight 0",
                    5_000,
                    () -> pair.weights().equals(Map.of("10.77.0.21:80", 0, "10.77.0.22:80", 1)));
            assertThat(DirectorPair.answers(pair.requests(50))).isEqualTo(Map.of("web2", 50));
            victim.restart();
            eventually(
                    pair,
                    "it has weight 1",
                    5_000,
                    () -> pair.weights().equals(Map.of("10.77.0.21:80", 1, "10.77.0.22:80", 1)));
            assertThat(DirectorPair.answers(pair.requests(50))).containsKeys("web1", "web2");
        }
    }

    @Test
    void deadServerIsRemovedAndTheFallbackStandsInForTheLast() {
        try (DirectorPair pair =
                DirectorPair.open(DISTRIBUTION, List.of(Reached.DIRECTLY, Reached.DIRECTLY, Reached.DIRECTLY))) {
            serve(pair, twoServers("quiescent=no\nfallback=10.77.0.23:80 gate"));
            eventually(
                    pair,
                    "both are up",
                    10_000,
                    () -> pair.weights().equals(Map.of("10.77.0.21:80", 1, "10.77.0.22:80", 1)));
            pair.webServers().get(0).stop();
            eventually(pair, "it is gone", 5_000, () -> pair.weights().equals(Map.of("10.77.0.22:80", 1)));
            pair.webServers().get(1).stop();
            eventually(
                    pair, "the fallback is there", 5_000, () -> pair.weights().equals(Map.of("10.77.0.23:80", 1)));
            assertThat(DirectorPair.answers(pair.requests(10))).isEqualTo(Map.of("web3", 10));
            pair.webServers().get(0).restart();
            eventually(pair, "it is gone again", 5_000, () -> pair.weights().equals(Map.of("10.77.0.21:80", 1)));
            assertThat(DirectorPair.answers(pair.requests(10))).isEqualTo(Map.of("web1", 10));
        }
    }

    @Test
    void changedFileTakesEffectAndBrokenOneDoesNot() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION, List.of(Reached.DIRECTLY, Reached.DIRECTLY))) {
            serve(pair, twoServers("autoreload=yes"));
            eventually(pair, "both are up", 10_000, () -> pair.weights().size() == 2);
            pair.configure("ldirectord.cf", twoServers("autoreload=yes").replace("scheduler=", "shceduler="));
            eventually(pair, "it is refused", 5_000, () -> pair.lb1().log().contains("has errors and changes nothing"));
            assertThat(pair.lb1().log()).contains("scheduler");
            assertThat(pair.weights()).hasSize(2);
            pair.configure(
                    "ldirectord.cf",
                    twoServers("autoreload=yes").replace("10.77.0.22:80 gate 1", "10.77.0.22:80 gate 5"));
            eventually(
                    pair,
                    "the weight is 5",
                    5_000,
                    () -> Integer.valueOf(5).equals(pair.weights().get("10.77.0.22:80")));
        }
    }

    @Test
    void commandsSayWhatIsGoingOn() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION, List.of(Reached.DIRECTLY))) {
            assertThat(pair.lb1().halvs("status").exit()).isEqualTo(3);
            serve(pair, twoServers("quiescent=yes"));
            eventually(pair, "one is up", 10_000, () -> pair.weights().containsValue(1));
            String status = pair.lb1().halvs("status").output();
            assertThat(status)
                    .contains(
                            "owned by lb1", "IPaddr2::10.77.0.50/24 ldirectord", "10.77.0.21:80", "TCP 10.77.0.50:80");
            assertThat(pair.lb1().halvs("status", "--json").output())
                    .startsWith("{")
                    .contains("\"node\":\"lb1\"");
            assertThat(pair.lb1().halvs("check").exit()).isZero();
            Command kept = pair.lb1().tool("ipvsadm", "-D", "-t", "10.77.0.50:80");
            assertThat(kept.exit()).isEqualTo(255);
            assertThat(kept.output()).contains("is kept as its ldirectord configuration says");
            assertThat(pair.lb1().tool("ipvsadm", "-A", "-t", "10.77.0.50:81").exit())
                    .isZero();
            assertThat(pair.lb1().tool("ipvsadm", "-S", "-n").output())
                    .contains("-A -t 10.77.0.50:80", "-A -t 10.77.0.50:81");
            assertThat(pair.lb2().tool("ipvsadm", "-L", "-n").output().lines().toList())
                    .hasSize(3);
            assertThat(pair.lb1().halvs("events").output()).contains("acquired IPaddr2::10.77.0.50/24");
            assertThat(pair.lb1().halvs("cleanup").output()).contains("a daemon runs");
            assertThat(pair.owners()).containsExactly(pair.lb1());
            Lab.pause(10);
        }
    }

    private static String twoServers(String globals) {
        return """
                checkinterval=1
                checktimeout=2
                %s
                virtual=10.77.0.50:80
                    real=10.77.0.21:80 gate 1
                    real=10.77.0.22:80 gate 1
                    scheduler=wrr
                    service=http
                    protocol=tcp
                """.formatted(globals);
    }

    private static void serve(DirectorPair pair, String ldirectordCf) {
        RecipeFiles.install(pair);
        pair.configure("haresources", HARESOURCES);
        pair.configure("ldirectord.cf", ldirectordCf);
        pair.lb1().start();
        pair.lb2().start();
        ownedBy(pair, pair.lb1());
    }
}
