package org.halvs.ha.membership.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two members as processes of their own, in two network namespaces on one switch: what they see of each other, and how fast. Needs root. */
class JGroupsMembershipTest {
    private static final String UCAST = "ucast eth0 10.9.0.1\nucast eth0 10.9.0.2\n";
    private static final String KEYS = Member.KEYS;

    private Lab lab;
    private Switch lan;
    private Host alice;
    private Host bob;

    @BeforeEach
    void wire() {
        Optional<String> missing = Lab.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        lab = Lab.open();
        lan = lab.ethernetSwitch("lan");
        alice = lab.host("alice");
        bob = lab.host("bob");
        lan.plug(alice, "eth0", "10.9.0.1/24");
        lan.plug(bob, "eth0", "10.9.0.2/24");
    }

    @AfterEach
    void unwire() {
        if (lab != null) {
            lab.close();
        }
    }

    private static Member start(Host host, String node, String media, String keys) throws IOException {
        return Member.start(host, node, "keepalive 100ms\ndeadtime 500ms\n" + media, keys);
    }

    private static void report(String what, List<Long> millis) {
        List<Long> sorted = millis.stream().sorted().toList();
        System.out.printf(
                "%s: median %d ms, max %d ms of %d%n",
                what, sorted.get(sorted.size() / 2), sorted.getLast(), sorted.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {UCAST, "mcast eth0 239.1.2.3 694 1 0\n", "bcast eth0\n"})
    void aCrashIsSeenAtOnceAndALeaveToo(String media) throws Exception {
        Member first = start(alice, "alice", media, KEYS);
        long started = first.awaitLine("start");
        long alone = first.awaitView("alice");
        assertThat(alone - started).as("a lonely start").isLessThan(2_500);
        List<Long> crashes = new ArrayList<>();
        for (int run = 0; run < (media.equals(UCAST) ? 2 : 1); run++) {
            Member second = start(bob, "bob", media, KEYS);
            second.awaitView("alice,bob");
            first.awaitView("alice,bob");
            first.awaitLine("heard bob: hello from bob");
            second.awaitLine("heard alice: hello from alice");
            Thread.sleep(600); // their life lines stand
            long killed = System.currentTimeMillis();
            second.running.kill();
            crashes.add(first.awaitView("alice") - killed);
        }
        report("SIGKILL to view, " + media.strip().lines().findFirst().orElse(""), crashes);
        assertThat(crashes).as("the fastest, whatever else this machine does").anyMatch(millis -> millis < 200);
        assertThat(crashes).allMatch(millis -> millis < 1_000);
        assertThat(first.running.output())
                .contains("departed bob PROCESS_ENDED")
                .doesNotContain("departed bob SILENT");

        Member second = start(bob, "bob", media, KEYS);
        first.awaitView("alice,bob");
        second.awaitView("alice,bob");
        long left = System.currentTimeMillis();
        second.running.terminate();
        report("orderly leave to view", List.of(first.awaitView("alice") - left));
        assertThat(first.running.output()).contains("departed bob LEFT");
    }

    @Test
    void aCutIsSeenAfterDeadtimeAndHeals() throws Exception {
        Member first = start(alice, "alice", UCAST, KEYS);
        first.awaitView("alice");
        Member second = start(bob, "bob", UCAST, KEYS);
        first.awaitView("alice,bob");
        second.awaitView("alice,bob");
        List<Long> cuts = new ArrayList<>();
        List<Long> heals = new ArrayList<>();
        for (int run = 0; run < 3; run++) {
            Thread.sleep(600);
            long cut = System.currentTimeMillis();
            lan.unplug(bob);
            cuts.add(Math.max(first.awaitView("alice"), second.awaitView("bob")) - cut);
            long healed = System.currentTimeMillis();
            lan.replug(bob);
            heals.add(Math.max(first.awaitView("alice,bob"), second.awaitView("alice,bob")) - healed);
        }
        report("cable cut to view on both, deadtime 500 ms", cuts);
        report("heal to one view", heals);
        assertThat(cuts).allMatch(millis -> millis >= 350 && millis < 2_000);
        assertThat(heals).allMatch(millis -> millis < 8_000);
    }

    @Test
    void anotherKeyIsAnotherCluster() throws Exception {
        Member first = start(alice, "alice", UCAST, KEYS);
        first.awaitView("alice");
        Member second = start(bob, "bob", UCAST, "auth 1\n1 sha1 another-word\n");
        second.awaitView("bob");
        first.await("a refusal", line -> line.contains("WRONG_SIGNATURE"));
        assertThat(first.running.output()).doesNotContain("alice,bob").doesNotContain("another-word");
        assertThat(second.running.output()).doesNotContain("alice,bob").doesNotContain("of-this-test");
    }
}
