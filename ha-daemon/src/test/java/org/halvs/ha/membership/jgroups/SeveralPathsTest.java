package org.halvs.ha.membership.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two members as processes of their own with up to three paths between them, of which some fail. Needs root. */
class SeveralPathsTest {
    private static final String FAST = "keepalive 100ms\ndeadtime 500ms\n";
    private static final String SLOW = "keepalive 2\ndeadtime 30\ninitdead 60\n";
    private static final String UCAST = "ucast eth0 10.9.0.1\nucast eth0 10.9.0.2\n";
    private static final String THREE =
            UCAST + "bcast eth1\nmcast6 eth2 ff02::4711 694 1 0\nucast6 eth2 fd09::1\nucast6 eth2 fd09::2\n";

    private Lab lab;
    private Switch[] lans;
    private Host alice;
    private Host bob;

    @BeforeEach
    void wire() {
        Optional<String> missing = Lab.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        lab = Lab.open();
        alice = lab.host("alice");
        bob = lab.host("bob");
        lans = new Switch[3];
        for (int i = 0; i < lans.length; i++) {
            lans[i] = lab.ethernetSwitch("lan" + i);
            // the second has no address at all: broadcast needs none
            lans[i].plug(alice, "eth" + i, i == 0 ? "10.9.0.1/24" : "");
            lans[i].plug(bob, "eth" + i, i == 0 ? "10.9.0.2/24" : "");
        }
        alice.ip("address", "add", "fd09::1/64", "dev", "eth2", "nodad");
        bob.ip("address", "add", "fd09::2/64", "dev", "eth2", "nodad");
    }

    @AfterEach
    void unwire() {
        if (lab != null) {
            lab.close();
        }
    }

    private Member alice(String lines) throws IOException {
        return Member.start(alice, "alice", lines, Member.KEYS);
    }

    private static void awaitBoth(Member first, Member second) throws InterruptedException {
        first.awaitView("alice,bob");
        second.awaitView("alice,bob");
    }

    private Member bob(String lines) throws IOException {
        return Member.start(bob, "bob", lines, Member.KEYS);
    }

    @Test
    void oneOfThreePathsIsEnoughAndNoneIsSilence() throws Exception {
        Member first = alice(FAST + THREE);
        Member second = bob(FAST + THREE);
        awaitBoth(first, second);
        first.awaitLine("paths bob:eth0 up, bob:eth1 up, bob:eth2 up");
        long views = first.views() + second.views();
        lans[0].unplug(bob);
        first.awaitLine("link bob:eth0 dead");
        lans[1].unplug(alice);
        first.awaitLine("paths bob:eth0 dead, bob:eth1 dead, bob:eth2 up");
        lans[0].replug(bob);
        first.awaitLine("link bob:eth0 up");
        lans[2].unplug(bob);
        first.awaitLine("paths bob:eth0 up, bob:eth1 dead, bob:eth2 dead");
        assertThat(first.views() + second.views()).isEqualTo(views);

        lans[0].unplug(bob);
        first.awaitLine("departed bob SILENT");
        second.awaitLine("departed alice SILENT");
        first.awaitView("alice");
        second.awaitView("bob");
        lans[1].replug(alice);
        awaitBoth(first, second);
    }

    @Test
    void startsWithoutCarrierAddressOrInterface() throws Exception {
        for (Switch lan : lans) {
            lan.unplug(alice);
        }
        bob.ip("address", "flush", "dev", "eth0");
        Member first = alice(FAST + UCAST + "bcast eth7\n");
        Member second = bob(FAST + UCAST + "bcast eth7\n");
        first.awaitView("alice");
        second.awaitView("bob");
        lans[0].replug(alice);
        bob.ip("address", "add", "10.9.0.2/24", "dev", "eth0");
        awaitBoth(first, second);
        first.awaitLine("paths bob:eth0 up, bob:eth7 dead");
        alice.ip("link", "set", "eth1", "name", "eth7");
        alice.ip("link", "set", "eth7", "up");
        bob.ip("link", "set", "eth1", "down");
        bob.ip("link", "set", "eth1", "name", "eth7");
        bob.ip("link", "set", "eth7", "up");
        lans[1].replug(alice);
        first.awaitLine("link bob:eth7 up");
        second.awaitLine("link alice:eth7 up");
    }

    /** An interface that is removed and made again is another one to the kernel. */
    @Test
    void aPathSurvivesTheLossOfItsInterface() throws Exception {
        Member first = alice(FAST + UCAST + "bcast eth1\n");
        Member second = bob(FAST + UCAST + "bcast eth1\n");
        awaitBoth(first, second);
        bob.ip("link", "delete", "eth0");
        first.awaitLine("link bob:eth0 dead");
        second.awaitLine("link alice:eth0 dead");
        lab.ethernetSwitch("spare").plug(bob, "eth5", "");
        Switch again = lab.ethernetSwitch("again");
        again.plug(bob, "eth0", "10.9.0.2/24");
        alice.ip("link", "delete", "eth0");
        again.plug(alice, "eth0", "10.9.0.1/24");
        first.awaitLine("link bob:eth0 up");
        second.awaitLine("link alice:eth0 up");
        assertThat(first.running.output()).doesNotContain("departed bob");
    }

    /** With a deadtime of 30 s nothing but the life line can tell before the test's patience ends. */
    @Test
    void aProcessThatEndsIsGoneAtOnceWhateverTheKeepalive() throws Exception {
        Member first = alice(SLOW + UCAST);
        Member second = bob(SLOW + UCAST);
        awaitBoth(first, second);
        Thread.sleep(1_500); // the life line stands
        second.running.kill();
        first.awaitLine("departed bob PROCESS_ENDED");
        first.awaitView("alice");
        Member third = bob(SLOW + UCAST);
        first.awaitView("alice,bob");
        third.awaitView("alice,bob");
        third.running.terminate();
        first.awaitLine("departed bob LEFT");
        first.awaitView("alice");
    }

    @Test
    void aBrokenLifeLineKillsNobody() throws Exception {
        Member first = alice(SLOW + UCAST);
        Member second = bob(SLOW + UCAST);
        awaitBoth(first, second);
        Thread.sleep(1_500); // the life line stands
        long views = first.views() + second.views();
        assertThat(alice.run("ss", "-tn", "state", "established")).contains("10.9.0.2");
        alice.run("ss", "-K", "state", "established", "dst", "10.9.0.2");
        Thread.sleep(2_500); // it is made anew
        assertThat(alice.run("ss", "-tn", "state", "established")).contains("10.9.0.2");
        assertThat(first.views() + second.views()).isEqualTo(views);
        second.running.kill();
        first.awaitLine("departed bob PROCESS_ENDED");
    }

    @Test
    void aFrozenNodeIsSilentAndKnowsItWhenItThaws() throws Exception {
        Member first = alice(FAST + THREE);
        Member second = bob(FAST + THREE);
        awaitBoth(first, second);
        second.running.signal("STOP");
        first.awaitLine("departed bob SILENT");
        first.awaitView("alice");
        Thread.sleep(1_000);
        second.running.signal("CONT");
        second.await("asleep", line -> line.startsWith("asleep "));
        awaitBoth(first, second);
        assertThat(second.running.output().lines().filter(line -> line.contains("link alice:eth0 dead")))
                .as("what it slept through is not counted against the other")
                .isEmpty();
    }

    /** Bob's firewall lets nothing in, with an error for every packet; what he says is still heard. */
    @Test
    void aNodeThatIsHeardButDoesNotHearIsNoMember() throws Exception {
        Member first = alice(FAST + UCAST);
        Member second = bob(FAST + UCAST);
        awaitBoth(first, second);
        bob.run(
                "nft",
                "add table ip f; add chain ip f in { type filter hook input priority 0; };"
                        + " add rule ip f in udp dport 694 reject; add rule ip f in tcp dport 694 reject with tcp reset");
        second.awaitLine("departed alice SILENT");
        first.awaitLine("not heard by bob");
        first.awaitView("alice");
        second.awaitView("bob");
        assertThat(first.running.output()).doesNotContain("PROCESS_ENDED");
        bob.run("nft", "delete table ip f");
        awaitBoth(first, second);
    }

    /** Alice gets none of bob's routine heartbeats, and bob all of hers: she hears only what he answers when she asks. */
    @Test
    void aNodeWhoseHeartbeatsAreLostIsAsked() throws Exception {
        Member first = alice(FAST + UCAST);
        Member second = bob(FAST + UCAST);
        awaitBoth(first, second);
        // the kind in Authenticator's envelope, behind the 8 bytes of the UDP header
        alice.run(
                "nft",
                "add table ip f; add chain ip f in { type filter hook input priority 0; };"
                        + " add rule ip f in udp dport 694 @th,72,8 0 drop");
        Thread.sleep(4_000); // eight times deadtime
        assertThat(first.running.output()).doesNotContain("departed");
        assertThat(second.running.output()).doesNotContain("departed");
        alice.run("nft", "add rule ip f in udp dport 694 drop");
        first.awaitLine("departed bob SILENT");
    }
}
