package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.halvs.linux.ArpFrame;
import org.halvs.linux.IcmpEcho;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.NeighbourSilence;
import org.halvs.linux.NftNeighbourSilence;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Addresses on a real interface, watched by a neighbour on a veth. */
class FloatingAddressesTest {
    @TempDir
    private Path directory;

    private Lab lab;
    private Host here;
    private Host there;
    private Rtnetlink rtnetlink;
    private Announcer announcer;
    private AddressJournal journal;
    private NeighbourSilence silence;
    private FloatingAddresses addresses;

    @BeforeEach
    void open() {
        Optional<String> missing = Lab.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
        lab = Lab.open();
        Switch lan = lab.ethernetSwitch("lan");
        here = lab.host("here");
        there = lab.host("there");
        lan.plug(here, "eth0", "");
        lan.plug(there, "eth0", "");
        ipHere("addr add 192.0.2.1/24 brd + dev eth0");
        ipHere("addr add 2001:db8::1/64 dev eth0 nodad");
        ipThere("addr add 192.0.2.2/24 dev eth0");
        ipThere("addr add 2001:db8::2/64 dev eth0 nodad");
        rtnetlink = in(here, Rtnetlink::open);
        announcer = new Announcer(in(here, LinkLayerSocket::openForSending));
        journal = AddressJournal.open(directory.resolve("addresses"));
        silence = in(here, NftNeighbourSilence::open);
        addresses = new FloatingAddresses(rtnetlink, announcer, journal, _ -> false, Optional.of(silence));
    }

    @AfterEach
    void close() {
        if (lab != null) {
            announcer.close();
            silence.close();
            rtnetlink.close();
            lab.close();
        }
    }

    private String ipHere(String words) {
        return here.ip(words.split(" "));
    }

    private String ipThere(String words) {
        return there.ip(words.split(" "));
    }

    private static <T> T in(Host host, Callable<T> code) {
        try {
            return host.call(code);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private AddressAgent agent(String script, String argument) {
        return AddressAgent.of(
                        new ResourceSpec(script, List.of(argument.split("::")), script + "::" + argument), addresses)
                .orElseThrow();
    }

    private String shown() {
        return ipHere("-o addr show");
    }

    @Test
    void startsAndStops() {
        AddressAgent agent = agent("IPaddr2", "192.0.2.10/24/eth0:web");
        assertThat(agent.status()).isEqualTo(new ActionResult.NotRunning());
        assertThat(agent.start()).isEqualTo(ActionResult.done());
        assertThat(shown()).contains("inet 192.0.2.10/24 brd 192.0.2.255 scope global secondary eth0:web");
        assertThat(agent.status()).isEqualTo(ActionResult.done());
        assertThat(agent.start()).isEqualTo(ActionResult.done());
        assertThat(journal.entries()).hasSize(1);
        assertThat(agent.stop()).isEqualTo(ActionResult.done());
        assertThat(agent.stop()).isEqualTo(ActionResult.done());
        assertThat(agent.status()).isEqualTo(new ActionResult.NotRunning());
        assertThat(shown()).doesNotContain("192.0.2.10");
        assertThat(journal.entries()).isEmpty();
    }

    @Test
    void eachScriptFindsDeviceAndPrefixInItsOwnWay() {
        assertThat(agent("IPaddr", "192.0.2.11").start()).isEqualTo(ActionResult.done());
        assertThat(agent("IPaddr", "192.0.2.12").start()).isEqualTo(ActionResult.done());
        assertThat(agent("IPv6addr", "2001:db8::10").start()).isEqualTo(ActionResult.done());
        assertThat(shown())
                .contains("192.0.2.11/24 brd 192.0.2.255 scope global secondary eth0:0")
                .contains("192.0.2.12/24 brd 192.0.2.255 scope global secondary eth0:1")
                .contains("2001:db8::10/64 scope global nodad");
        assertThat(agent("IPaddr2", "198.51.100.1").start())
                .isInstanceOfSatisfying(
                        ActionResult.Failed.class,
                        failed -> assertThat(failed.output())
                                .startsWith("no network of this host contains 198.51.100.1"));
        assertThat(agent("IPaddr2", "nonsense").start())
                .isInstanceOfSatisfying(
                        ActionResult.Failed.class,
                        failed -> assertThat(failed.output()).contains("'nonsense' is not an IP address"));
    }

    @Test
    void movesTheLoopbackCopyOfARealServerAway() {
        ipHere("addr add 192.0.2.10/32 dev lo label lo:0");
        AddressAgent agent = agent("IPaddr2", "192.0.2.10/24/eth0");
        assertThat(agent.start()).isEqualTo(ActionResult.done());
        assertThat(ipHere("-o addr show lo")).doesNotContain("192.0.2.10");
        assertThat(agent.start()).isEqualTo(ActionResult.done()); // must not forget it
        assertThat(agent.stop()).isEqualTo(ActionResult.done());
        assertThat(ipHere("-o addr show lo")).contains("192.0.2.10/32 scope global lo:0");
        assertThat(ipHere("-o addr show eth0")).doesNotContain("192.0.2.10");
    }

    @Test
    void anAddressOnTheWrongInterfaceIsMoved() {
        ipHere("link add eth1 type veth peer name eth2");
        ipHere("link set eth1 up");
        ipHere("addr add 192.0.2.10/24 dev eth1");
        assertThat(agent("IPaddr2", "192.0.2.10/24/eth0").start()).isEqualTo(ActionResult.done());
        assertThat(ipHere("-o addr show eth1")).doesNotContain("192.0.2.10");
        assertThat(ipHere("-o addr show eth0")).contains("192.0.2.10/24");
    }

    @Test
    void givingUpTheFirstAddressOfANetworkKeepsTheOthers() {
        List<AddressAgent> agents =
                List.of(agent("IPaddr2", "198.51.100.1/24/eth0"), agent("IPaddr2", "198.51.100.2/24/eth0"));
        agents.forEach(AddressAgent::start);
        assertThat(shown()).contains("198.51.100.2/24 brd 198.51.100.255 scope global secondary eth0");
        assertThat(agents.getFirst().stop()).isEqualTo(ActionResult.done());
        assertThat(shown()).doesNotContain("198.51.100.1/24").contains("198.51.100.2/24 brd 198.51.100.255");
        assertThat(agents.getLast().status()).isEqualTo(ActionResult.done());
    }

    @Test
    void theDefaultRouteSurvivesTheAddressItPrefers() {
        AddressAgent agent = agent("IPaddr2", "192.0.2.10");
        agent.start();
        ipHere("route add default via 192.0.2.254 src 192.0.2.10");
        assertThat(agent.stop()).isEqualTo(ActionResult.done());
        assertThat(ipHere("route show default")).contains("via 192.0.2.254").doesNotContain("src");
    }

    @Test
    void announcesAsOftenAndAsLateAsItShould() {
        try (LinkLayerSocket listener = in(there, LinkLayerSocket::openForArp)) {
            List<Long> requests = new ArrayList<>();
            List<Long> replies = new ArrayList<>();
            long start = System.nanoTime();
            assertThat(agent("IPaddr2", "192.0.2.10").start()).isEqualTo(ActionResult.done());
            long end = start + 5_800_000_000L;
            while (System.nanoTime() < end) {
                for (ArpFrame frame : announcement(listener, IpAddress.of("192.0.2.10"))) {
                    long millis = (System.nanoTime() - start) / 1_000_000;
                    (frame.operation() == ArpFrame.Operation.REQUEST ? requests : replies).add(millis);
                }
            }
            System.out.println("[fig] gratuitous ARP requests at ms " + requests + ", replies at " + replies);
            List<Long> offsets = AnnounceRounds.DEFAULT.offsetsMillis();
            assertThat(requests).hasSize(14).hasSameSizeAs(offsets);
            assertThat(replies).hasSize(14);
            assertThat(requests.getFirst()).isLessThan(200);
            for (int i = 0; i < offsets.size(); i++) {
                long planned = offsets.get(i);
                assertThat(requests.get(i)).isBetween(planned, planned + 500);
                assertThat(replies.get(i)).isBetween(planned, planned + 500);
            }
        }
    }

    @Test
    void isSilentAfterStopAndAnnouncesAgainWhenAsked() {
        try (LinkLayerSocket listener = in(there, LinkLayerSocket::openForArp)) {
            IpAddress vip = IpAddress.of("192.0.2.10");
            AddressAgent agent = agent("IPaddr2", "192.0.2.10");
            agent.start();
            assertThat(announcement(listener, vip)).isNotEmpty();
            agent.start(); // adopting an address announces it too
            assertThat(announcement(listener, vip)).isNotEmpty();
            agent.stop();
            while (listener.receive(0).isPresent()) {
                // what was under way
            }
            assertThat(listener.receive(500)).isEmpty();
            agent.start();
            while (listener.receive(1600).isPresent()) {
                // the first and second burst
            }
            addresses.announceAgain();
            assertThat(announcement(listener, vip)).isNotEmpty();
        }
    }

    private static List<ArpFrame> announcement(LinkLayerSocket listener, IpAddress vip) {
        return listener
                .receive(300)
                .flatMap(frame -> ArpFrame.parse(frame.bytes()))
                .filter(frame -> frame.sender().equals(vip) && frame.gratuitous())
                .stream()
                .toList();
    }

    @Test
    void aNeighbourWithTheOldMacLearnsTheNewOne() {
        for (String vip : List.of("192.0.2.10", "2001:db8::10")) {
            ipThere("neigh replace " + vip + " lladdr 02:00:00:00:00:99 dev eth0 nud stale");
        }
        String mac = rtnetlink.links().stream()
                .filter(link -> link.name().equals("eth0"))
                .findFirst()
                .orElseThrow()
                .mac()
                .orElseThrow()
                .toString();
        agent("IPaddr2", "192.0.2.10").start();
        agent("IPv6addr", "2001:db8::10").start();
        await(() -> ipThere("neigh show 192.0.2.10").contains(mac));
        await(() -> ipThere("neigh show 2001:db8::10").contains(mac));
    }

    @Test
    void aThousandAddressesInOneBatch() {
        List<AddressRequest> requests = new ArrayList<>();
        Set<IpAddress> expected = new LinkedHashSet<>();
        for (int i = 0; i < 1000; i++) {
            IpAddress address = IpAddress.ofIpv4(0x0a000001 + i);
            expected.add(address);
            requests.add(((AddressRequest.Reading.Request)
                            AddressRequest.read(AddressScript.IPADDR2, List.of(address + "/16/eth0")))
                    .request());
        }
        try (LinkLayerSocket listener = in(there, LinkLayerSocket::openForArp)) {
            long start = System.nanoTime();
            assertThat(addresses.start(requests)).hasSize(1000).allMatch(ActionResult.Done.class::isInstance);
            long started = System.nanoTime();
            Map<IpAddress, Long> heard = new LinkedHashMap<>();
            while (heard.size() < 1000 && System.nanoTime() - start < 10_000_000_000L) {
                listener.receive(100)
                        .flatMap(frame -> ArpFrame.parse(frame.bytes()))
                        .ifPresent(frame -> heard.putIfAbsent(frame.sender(), System.nanoTime()));
            }
            long allHeard = System.nanoTime();
            assertThat(heard.keySet()).containsAll(expected);
            long stopping = System.nanoTime();
            assertThat(addresses.status(requests)).allMatch(ActionResult.Done.class::isInstance);
            long asked = System.nanoTime();
            assertThat(addresses.stop(requests.reversed())).allMatch(ActionResult.Done.class::isInstance);
            long stopped = System.nanoTime();
            assertThat(shown()).doesNotContain("10.0.");
            addresses.start(requests);
            long cleaning = System.nanoTime();
            assertThat(Cleanup.run(rtnetlink, AddressJournal.open(directory.resolve("addresses")))
                            .removed())
                    .hasSize(1000);
            long cleaned = System.nanoTime();
            assertThat(shown()).doesNotContain("10.0.");
            System.out.printf(
                    "[fig] 1000 addresses: start %.1f ms, all announced after %.1f ms, status %.1f ms, stop %.1f ms,"
                            + " cleanup %.1f ms%n",
                    (started - start) / 1e6,
                    (allHeard - start) / 1e6,
                    (asked - stopping) / 1e6,
                    (stopped - asked) / 1e6,
                    (cleaned - cleaning) / 1e6);
        }
    }

    /** Who knows the way already gets answers to the end; who asks for it does not learn it here any more. */
    @Test
    void fadesForThoseWhoStillSendHere() throws InterruptedException {
        AddressAgent four = agent("IPaddr2", "192.0.2.10");
        AddressAgent six = agent("IPv6addr", "2001:db8::10/64/eth0");
        assertThat(four.start()).isEqualTo(ActionResult.done());
        assertThat(six.start()).isEqualTo(ActionResult.done());
        assertThat(pings("192.0.2.10")).isTrue();
        assertThat(pings("2001:db8::10")).isTrue();
        List<AddressRequest> both =
                List.of(four.request().orElseThrow(), six.request().orElseThrow());
        assertThat(addresses.fade(both)).containsOnly(ActionResult.done());
        assertThat(addresses.held()).isEmpty();
        assertThat(pings("192.0.2.10")).as("the way is known").isTrue();
        assertThat(pings("2001:db8::10")).isTrue();
        ipThere("neigh flush dev eth0");
        assertThat(pings("192.0.2.10")).as("the way is asked for").isFalse();
        assertThat(pings("2001:db8::10")).isFalse();
        assertThat(pings("192.0.2.1")).as("another address").isTrue();

        assertThat(four.start()).as("it comes back").isEqualTo(ActionResult.done());
        assertThat(pings("192.0.2.10")).isTrue();
        assertThat(six.stop()).isEqualTo(ActionResult.done());
        assertThat(ipHere("-o addr show eth0")).contains("192.0.2.10/24").doesNotContain("2001:db8::10/64");
        assertThat(here.run("nft", "list", "tables")).doesNotContain("halvs_handover");
    }

    private boolean pings(String address) throws InterruptedException {
        try (IcmpEcho echo = in(there, IcmpEcho::open)) {
            return echo.ping(IpAddress.of(address), Duration.ofSeconds(1)) instanceof IcmpEcho.EchoResult.Answered;
        }
    }

    @Test
    void anUnwritableJournalDoesNotKeepAnAddressFromMoving() {
        FloatingAddresses others = new FloatingAddresses(
                rtnetlink,
                announcer,
                AddressJournal.open(directory.resolve("no-such-directory/addresses")),
                _ -> false,
                Optional.empty());
        ipHere("addr add 192.0.2.10/32 dev lo");
        AddressAgent agent = AddressAgent.of(new ResourceSpec("IPaddr2", List.of("192.0.2.10"), "x"), others)
                .orElseThrow();
        assertThat(agent.start()).isEqualTo(ActionResult.done());
        assertThat(ipHere("-o addr show eth0")).contains("192.0.2.10/24");
        assertThat(agent.stop()).isEqualTo(ActionResult.done());
        assertThat(ipHere("-o addr show eth0")).doesNotContain("192.0.2.10");
        assertThat(ipHere("-o addr show lo")).contains("192.0.2.10/32");
    }

    @Test
    void cleanupRemovesWhatAKilledDaemonLeft() {
        ipHere("addr add 192.0.2.10/32 dev lo");
        agent("IPaddr2", "192.0.2.10").start();
        agent("IPv6addr", "2001:db8::10/64/eth0").start();
        // the daemon is gone; another process reads its file
        AddressJournal left = AddressJournal.open(directory.resolve("addresses"));
        left.note(List.of(new AddressJournal.Entry(
                new FloatingAddress(IpAddress.of("192.0.2.77"), 24, "eth0", Optional.empty(), Optional.empty()),
                false,
                Optional.empty())));
        Cleanup.Report report = Cleanup.run(rtnetlink, left);
        assertThat(report.removed())
                .extracting(FloatingAddress::toString)
                .containsExactly("192.0.2.10/24 on eth0", "2001:db8::10/64 on eth0");
        assertThat(report.absent()).extracting(FloatingAddress::toString).containsExactly("192.0.2.77/24 on eth0");
        assertThat(report.failed()).isEmpty();
        assertThat(ipHere("-o addr show eth0")).doesNotContain("192.0.2.10").doesNotContain("2001:db8::10");
        assertThat(ipHere("-o addr show lo")).contains("192.0.2.10/32");
        assertThat(Cleanup.run(rtnetlink, AddressJournal.open(directory.resolve("addresses"))))
                .isEqualTo(new Cleanup.Report(List.of(), List.of(), List.of()));
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
