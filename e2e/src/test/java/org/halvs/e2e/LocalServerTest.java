package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.util.List;
import org.halvs.lab.Lab;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A masqueraded real server on the director itself, by ipvsadm and by the fallback of an ldirectord.cf's shape, until the daemon ends in one way or another. */
class LocalServerTest extends LabTest {
    private static final String VIP = OneDirector.VIP;

    private OneDirector lab;
    private Downloads own;

    @BeforeEach
    void open() {
        assumeTrue(Lab.missing().isEmpty() && Files.isExecutable(DISTRIBUTION.resolve("bin/halvs")));
        lab = OneDirector.open(DISTRIBUTION, "");
        own = Downloads.serve(lab.director.host(), List.of(8080), 9);
    }

    @AfterEach
    void close() {
        if (lab != null) {
            own.close();
            lab.close();
        }
    }

    @Test
    void isServedUntilItsTableIsGoneWithTheDaemon() {
        assertThat(lab.restore("-A -t " + VIP + ":80 -s rr", "-a -t " + VIP + ":80 -r 127.0.0.1:8080 -m")
                        .exit())
                .isZero();
        assertThat(Downloads.server(lab.client, "198.51.100.10", VIP, 80)).isEqualTo(9);
        assertThat(lab.director.log()).contains("127.0.0.1:8080 of TCP " + VIP + ":80 is on this machine");
        assertThat(lab.ipvsadm("-a", "-t", VIP + ":80", "-r", "198.51.100.1:8080", "-m", "-w", "0")
                        .exit())
                .isZero();
        assertThat(lab.director.halvs("status").output())
                .contains("198.51.100.1:8080 of TCP " + VIP + ":80", "not served");
        lab.director.stop();
        nothingIsLeft();
    }

    @Test
    void theGuardianOfAKilledDaemonRemovesItsTable() {
        assertThat(lab.restore("-A -t " + VIP + ":80 -s rr", "-a -t " + VIP + ":80 -r 127.0.0.1:8080 -m")
                        .exit())
                .isZero();
        assertThat(lab.director.host().run("nft", "list", "tables")).contains("halvs_local");
        lab.director.kill();
        assertThat(Lab.eventually(
                        5_000,
                        () -> lab.director.host().run("nft", "list", "ruleset").isBlank()))
                .isTrue();
        Lab.pause(200);
        nothingIsLeft();
    }

    private void nothingIsLeft() {
        assertThat(lab.director.host().run("nft", "list", "ruleset")).doesNotContain("halvs_local");
        assertThat(lab.director.host().ip("rule")).doesNotContain("127.0.0.0/8");
        assertThat(lab.director.host().ip("route", "show", "table", "all")).doesNotContain("127080");
    }
}
