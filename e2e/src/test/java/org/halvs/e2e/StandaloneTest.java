package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.halvs.lab.Command;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.DirectorPair.Reached;
import org.halvs.lab.Request;
import org.junit.jupiter.api.Test;

/** {@code ldirectord} alone, without the daemon of a pair, on a machine whose kernel has no table for it. */
class StandaloneTest extends LabTest {

    private static Command ldirectord(Director director, String verb) {
        List<String> words = new ArrayList<>(List.of(
                "env",
                "HALVS_PLANE=halvs",
                "HALVS_ETC=" + director.etc(),
                "HALVS_PID_DIR=" + director.run(),
                DISTRIBUTION.resolve("bin/ldirectord").toString()));
        words.addAll(List.of("ldirectord.cf", verb));
        return director.host().execute(words.toArray(String[]::new));
    }

    @Test
    void ldirectordForwardsByItself() {
        try (DirectorPair pair = DirectorPair.open(DISTRIBUTION, List.of(Reached.DIRECTLY, Reached.DIRECTLY))) {
            Director director = pair.lb1();
            director.host().ip("address", "add", DirectorPair.VIP + "/24", "dev", "eth0");
            director.configure("ldirectord.cf", """
                    logfile="%s/ldirectord.log"
                    checkinterval=1
                    virtual=10.77.0.50:80
                        real=10.77.0.21:80 gate 1
                        real=10.77.0.22:80 gate 1
                        scheduler=rr
                        request="index.html"
                        receive="web[12]"
                    """.formatted(director.run()));
            assertThat(ldirectord(director, "start").exit()).isZero();
            eventually(pair, "both answer", 15_000, () -> {
                List<Request> requests = pair.requests(10);
                return requests.stream().allMatch(Request::answered)
                        && DirectorPair.answers(requests).equals(Map.of("web1", 5, "web2", 5));
            });
            pair.webServers().getFirst().stop();
            eventually(
                    pair,
                    "the dead one is out",
                    10_000,
                    () -> DirectorPair.answers(pair.requests(10)).equals(Map.of("web2", 10)));
            assertThat(ldirectord(director, "status").exit()).isZero();
            assertThat(ldirectord(director, "stop").exit()).isZero();
            assertThat(director.host().run("nft", "list", "tables")).doesNotContain("halvs");
            assertThat(ldirectord(director, "status").exit()).isEqualTo(3);
        }
    }
}
