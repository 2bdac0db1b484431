package org.halvs.ha.arbitration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimResult;
import org.halvs.ha.takeover.ClaimState;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two machines on a switch: alice asks, bob has the address, a daemon, both or nothing. */
class LinuxClaimNetworkTest {
    private static final String VIP4 = "192.0.2.50/24";
    private static final String VIP6 = "2001:db8::50/64";
    private static final long DOUBT_NANOS = 60_000_000_000L;

    private Lab lab;
    private Switch lan;
    private Host alice;
    private Host bob;
    private final BlockingQueue<ClaimAnswer> heard = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() {
        Optional<String> missing = Lab.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
        lab = Lab.open();
        lan = lab.ethernetSwitch("lan");
        alice = lab.host("alice");
        bob = lab.host("bob");
        lan.plug(alice, "eth0", "192.0.2.1/24");
        lan.plug(bob, "eth0", "192.0.2.2/24");
        alice.ip("address", "add", "2001:db8::1/64", "dev", "eth0", "nodad");
        bob.ip("address", "add", "2001:db8::2/64", "dev", "eth0", "nodad");
    }

    @AfterEach
    void close() {
        if (lab != null) {
            lab.close();
        }
    }

    private static ResourceGroup group(String vip) {
        String agent = vip.contains(":") ? "IPv6addr" : "IPaddr2";
        String text = agent + "::" + vip;
        return new ResourceGroup("alice", List.of(new ResourceSpec(agent, List.of(vip), text)), 1);
    }

    private LinuxClaimNetwork network(Host host, String secret, Wakefulness wakefulness) throws Exception {
        Authkeys keys = new Authkeys(1, Map.of(1, new Authkeys.Key(1, Authkeys.Method.SHA1, secret)));
        return lab.with(host.call(() -> new LinuxClaimNetwork(
                new LinuxClaimNetwork.Identity(host.name(), 1),
                new LinuxClaimNetwork.Terms(
                        keys, List.of(group(VIP4).key(), group(VIP6).key()), Set.of("eth0"), DOUBT_NANOS),
                lab.with(Rtnetlink.open()),
                (_, _, asking) -> heard.add(asking),
                wakefulness,
                () -> {})));
    }

    private static void has(LinuxClaimNetwork network, String vip, ClaimState state) {
        network.publish(Map.of(group(vip).key(), new ClaimAnswer(state, 5_000, 7)));
    }

    private ClaimReport ask(LinuxClaimNetwork network, String vip) throws Exception {
        return alice.call(() -> {
            CompletableFuture<ClaimReport> report = new CompletableFuture<>();
            network.check(List.of(ClaimQuestion.about(group(vip), true, false)), report::complete);
            return report.get(10, TimeUnit.SECONDS);
        });
    }

    private static ClaimState said(ClaimReport report, String node) {
        assertThat(report.daemons()).containsKey(node);
        return report.daemons()
                .getOrDefault(node, new ClaimAnswer(ClaimState.WANTS, 0, 0))
                .state();
    }

    @ParameterizedTest
    @ValueSource(strings = {VIP4, VIP6})
    void nobodyHasIt(String vip) throws Exception {
        network(bob, "secret", new Wakefulness());
        ClaimReport report = ask(network(alice, "secret", new Wakefulness()), vip);
        assertThat(report.result()).isEqualTo(new ClaimResult.Free());
        assertThat(said(report, "bob")).as("the other daemon is there").isEqualTo(ClaimState.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(strings = {VIP4, VIP6})
    void aLiveDaemonHasItBehindAnyPacketFilter(String vip) throws Exception {
        bob.ip("address", "add", vip, "dev", "eth0");
        bob.run("nft", "add", "table", "inet", "closed");
        bob.run("nft", "add chain inet closed in { type filter hook input priority 0 ; policy drop ; }");
        has(network(bob, "secret", new Wakefulness()), vip, ClaimState.HAS);
        LinuxClaimNetwork asking = network(alice, "secret", new Wakefulness());
        has(asking, vip, ClaimState.WANTS);
        ClaimReport report = ask(asking, vip);
        assertThat(report.result()).isEqualTo(new ClaimResult.HeldByLiveDaemon("bob"));
        ClaimAnswer answer = report.daemons().getOrDefault("bob", new ClaimAnswer(ClaimState.NOTHING, 0, 0));
        assertThat(answer.heldMillis()).isGreaterThanOrEqualTo(5_000);
        assertThat(answer.configHash()).isEqualTo(7);
        assertThat(heard.poll(10, TimeUnit.SECONDS))
                .as("bob heard who wants it")
                .satisfies(said -> assertThat(said.state()).isEqualTo(ClaimState.WANTS));
    }

    @ParameterizedTest
    @ValueSource(strings = {VIP4, VIP6})
    void aKernelAnswersWithoutADaemon(String vip) throws Exception {
        if (vip.contains(":")) {
            bob.ip("address", "add", vip, "dev", "eth0", "nodad");
        } else {
            bob.ip("address", "add", vip, "dev", "eth0");
        }
        ClaimReport report = ask(network(alice, "secret", new Wakefulness()), vip);
        assertThat(report.result()).isInstanceOfSatisfying(ClaimResult.AnsweredWithoutDaemon.class, stranger -> {
            assertThat(stranger.address()).isEqualTo(IpAddress.of(vip.substring(0, vip.indexOf('/'))));
            assertThat(bob.ip("link", "show", "eth0")).contains(stranger.mac().toString());
        });
    }

    @Test
    void aDaemonWithAnotherSecretIsNoDaemonOfOurs() throws Exception {
        bob.ip("address", "add", VIP4, "dev", "eth0");
        has(network(bob, "another", new Wakefulness()), VIP4, ClaimState.HAS);
        assertThat(ask(network(alice, "secret", new Wakefulness()), VIP4).result())
                .isInstanceOf(ClaimResult.AnsweredWithoutDaemon.class);
    }

    @Test
    void aDaemonThatWasAsleepIsInDoubt() throws Exception {
        bob.ip("address", "add", VIP4, "dev", "eth0");
        Wakefulness bobs = new Wakefulness();
        has(network(bob, "secret", bobs), VIP4, ClaimState.HAS);
        bobs.slept();
        ClaimReport report = ask(network(alice, "secret", new Wakefulness()), VIP4);
        assertThat(report.result()).isInstanceOf(ClaimResult.AnsweredWithoutDaemon.class);
        assertThat(said(report, "bob")).isEqualTo(ClaimState.DOUBTS);
    }

    @Test
    void aDaemonThatDecidesNothingIsInDoubt() throws Exception {
        bob.ip("address", "add", VIP4, "dev", "eth0");
        has(network(bob, "secret", new Wakefulness()), VIP4, ClaimState.HAS);
        Lab.pause(1_100);
        assertThat(said(ask(network(alice, "secret", new Wakefulness()), VIP4), "bob"))
                .isEqualTo(ClaimState.DOUBTS);
    }

    @Test
    void withoutACarrierNothingCanBeTold() throws Exception {
        LinuxClaimNetwork asking = network(alice, "secret", new Wakefulness());
        lan.unplug(alice);
        Lab.eventually(5_000, () -> alice.ip("link", "show", "eth0").contains("NO-CARRIER"));
        assertThat(ask(asking, VIP4).result()).isEqualTo(new ClaimResult.CannotTell("eth0 has no carrier"));
    }
}
