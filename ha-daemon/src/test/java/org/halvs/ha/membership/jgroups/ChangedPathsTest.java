package org.halvs.ha.membership.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Members whose nodes, paths and times change while they run: nobody notices anything but that. Needs root. */
class ChangedPathsTest {
    private static final String FAST = "keepalive 100ms\ndeadtime 500ms\n";
    private static final String UCAST = "ucast eth0 10.9.0.1\nucast eth0 10.9.0.2\n";

    private Lab lab;
    private Switch first;
    private Switch second;
    private Host alice;
    private Host bob;
    private Host carol;

    @BeforeEach
    void wire() {
        Optional<String> missing = Lab.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        lab = Lab.open();
        first = lab.ethernetSwitch("first");
        second = lab.ethernetSwitch("second");
        alice = host("alice", 1);
        bob = host("bob", 2);
        carol = host("carol", 3);
    }

    private Host host(String name, int number) {
        Host host = lab.host(name);
        first.plug(host, "eth0", "10.9.0." + number + "/24");
        second.plug(host, "eth1", "10.8.0." + number + "/24");
        return host;
    }

    @AfterEach
    void unwire() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void pathsAndTimesChangeInPlace() throws Exception {
        Member one = Member.start(alice, "alice", FAST + UCAST, Member.KEYS);
        Member two = Member.start(bob, "bob", FAST + UCAST, Member.KEYS);
        one.awaitView("alice,bob");
        two.awaitView("alice,bob");
        long views = one.views() + two.views();

        one.change("alice bob", FAST + UCAST + "bcast eth1\n");
        one.awaitLine("paths bob:eth0 up, bob:eth1 dead");
        two.change("alice bob", FAST + UCAST + "bcast eth1\n");
        one.awaitLine("paths bob:eth0 up, bob:eth1 up");
        two.awaitLine("paths alice:eth0 up, alice:eth1 up");

        one.change("alice bob", FAST + "bcast eth1\n");
        one.awaitLine("paths bob:eth1 up");
        two.awaitLine("paths alice:eth0 dead, alice:eth1 up");
        two.change("alice bob", FAST + "bcast eth1\n");
        two.awaitLine("paths alice:eth1 up");

        String slow = "keepalive 1\ndeadtime 10\n";
        one.change("alice bob", slow + "bcast eth1\n");
        Thread.sleep(2_000); // with the former deadtime bob would have lost alice by now
        two.change("alice bob", slow + "bcast eth1\n");
        Thread.sleep(2_000);
        assertThat(one.running.output() + two.running.output()).doesNotContain("departed");
        assertThat(one.views() + two.views()).isEqualTo(views);

        Thread.sleep(1_500); // the life line stands, on the path that came last
        two.running.kill();
        one.awaitLine("departed bob PROCESS_ENDED");
    }

    @Test
    void nodesComeAndGo() throws Exception {
        String paths = FAST + "bcast eth0\n";
        Member one = Member.start(alice, "alice", paths, Member.KEYS);
        Member two = Member.start(bob, "bob", paths, Member.KEYS);
        one.awaitView("alice,bob");
        two.awaitView("alice,bob");
        one.change("alice bob carol", paths);
        two.change("alice bob carol", paths);
        Member three = Member.start(carol, "carol", "alice bob carol", paths, Member.KEYS);
        three.awaitView("alice,bob,carol");
        one.awaitView("alice,bob,carol");
        two.awaitView("alice,bob,carol");
        three.running.terminate();
        one.awaitView("alice,bob");
        one.change("alice bob", paths);
        two.change("alice bob", paths);
        assertThat(one.running.output() + two.running.output())
                .doesNotContain("departed alice")
                .doesNotContain("departed bob");
    }
}
