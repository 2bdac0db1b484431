package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.halvs.linux.AddressChange;
import org.halvs.linux.AddressClaimMonitor.Claim;
import org.halvs.linux.ArpFrame;
import org.halvs.linux.FrameAdoption.Adopted;
import org.halvs.linux.FrameAdoption.Heard;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.MacAddress;
import org.halvs.linux.MemoryFrameAdoption;
import org.halvs.linux.MemoryLinkLayerSocket;
import org.halvs.linux.MemoryRtnetlink;
import org.halvs.linux.Neighbour;
import org.halvs.linux.ReverseArpFrame;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host whose network, kernel and neighbours exist in memory. */
class FormerOwnersTest {
    private static final int ETH0 = 2;
    private static final MacAddress OWN = MacAddress.parse("02:00:00:00:00:0b").orElseThrow();
    private static final MacAddress ALICE =
            MacAddress.parse("02:00:00:00:00:0a").orElseThrow();
    private static final IpAddress ADDRESS = IpAddress.of("192.0.2.10");
    private static final IpAddress CLIENT = IpAddress.of("192.0.2.100");
    private static final MacAddress CLIENT_MAC =
            MacAddress.parse("02:00:00:00:00:0c").orElseThrow();
    private static final ResourceGroup GROUP = new ResourceGroup(
            "alice",
            List.of(
                    new ResourceSpec("IPaddr2", List.of("192.0.2.10"), "IPaddr2::192.0.2.10"),
                    new ResourceSpec("apache", List.of(), "apache")),
            1);
    private static final List<AddressRequest> REQUESTS = AddressRequest.of(GROUP);

    private final MemoryRtnetlink rtnetlink = new MemoryRtnetlink();
    private final MemoryLinkLayerSocket socket = new MemoryLinkLayerSocket();
    private final MemoryFrameAdoption frames = new MemoryFrameAdoption();
    private final BlockingQueue<Set<MacAddress>> forwarded = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<Collection<IpAddress>> elsewhere = new LinkedBlockingQueue<>();
    private FormerOwners owners;

    @BeforeEach
    void open() throws Exception {
        rtnetlink.putLink(new Link(
                ETH0,
                "eth0",
                Optional.of(OWN),
                1500,
                true,
                true,
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Link.ETHERNET));
        rtnetlink.apply(List.of(new AddressChange.Add(InterfaceAddress.of(ETH0, IpAddress.of("192.0.2.2"), 24))));
        owners = start(Duration.ofSeconds(60));
        owners.tellOfElsewhere(elsewhere::add);
        assertThat(elsewhere.poll(5, TimeUnit.SECONDS)).isEmpty();
    }

    private FormerOwners start(Duration longest) {
        return new FormerOwners(
                rtnetlink,
                socket,
                frames,
                forwarded::add,
                new FormerOwners.Listener() {
                    @Override
                    public void adopted(String node, MacAddress mac, List<IpAddress> addresses, Duration time) {
                        told.add(node + " " + mac + " " + addresses);
                    }

                    @Override
                    public void left(String node, MacAddress mac, String why) {
                        told.add(node + " " + mac + " left: " + why);
                    }

                    @Override
                    public void failed(String why) {
                        told.add("failed");
                    }
                },
                longest);
    }

    @AfterEach
    void close() {
        owners.close();
        assertThat(frames.adopted()).isEmpty();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + 5_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private String next() throws InterruptedException {
        String text = told.poll(5, TimeUnit.SECONDS);
        return text == null ? "nothing was told" : text;
    }

    private void takenFromAlice() throws InterruptedException {
        owners.heldElsewhere(GROUP);
        assertThat(elsewhere.poll(5, TimeUnit.SECONDS)).containsExactly(ADDRESS);
        owners.heard(new Claim(ETH0, ADDRESS, ALICE));
        owners.comesFrom("alice", GROUP);
        owners.taken(REQUESTS);
        assertThat(next()).isEqualTo("alice " + ALICE + " [192.0.2.10]");
    }

    @Test
    void itAsksWhoHasTheAddressesOfAnotherNodeWithoutClaimingAny() {
        owners.heldElsewhere(GROUP);
        await(() -> !socket.sent().isEmpty());
        LinkLayerSocket.Frame asked = socket.sent().getFirst();
        assertThat(asked.linkIndex()).isEqualTo(ETH0);
        assertThat(asked.bytes()).isEqualTo(ArpFrame.probe(OWN, ADDRESS).bytes());
        await(() -> socket.sent().size() == 2); // nobody answered
        owners.heard(new Claim(ETH0, ADDRESS, ALICE));
        socket.clear();
        owners.taken(REQUESTS);
    }

    @Test
    void framesToTheMacOfADeadOwnerAreServedAndBridgesShownWhereItIs() throws Exception {
        takenFromAlice();
        assertThat(frames.adopted()).containsExactly(new Adopted(ETH0, "eth0", ALICE, ADDRESS));
        assertThat(forwarded.poll(5, TimeUnit.SECONDS)).containsExactly(ALICE);
        assertThat(socket.sent().stream().map(LinkLayerSocket.Frame::bytes))
                .contains(new ReverseArpFrame(ALICE).bytes());
        owners.isBack("carol");
        owners.isBack("alice");
        assertThat(next()).isEqualTo("alice " + ALICE + " left: alice is back");
        assertThat(frames.adopted()).isEmpty();
        assertThat(forwarded.poll(5, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void itEndsWhenTheAddressesGoOrTheMacSpeaks() throws Exception {
        takenFromAlice();
        owners.givenUp(REQUESTS);
        assertThat(next()).endsWith("left: the addresses leave this node");
        takenFromAlice();
        frames.arrive(new Heard.Owner(ETH0, ALICE));
        assertThat(next()).endsWith("left: it is in use there again");
        assertThat(frames.adopted()).isEmpty();
    }

    @Test
    void itEndsAfterItsTime() throws Exception {
        owners.close();
        owners = start(Duration.ofMillis(50));
        owners.heldElsewhere(GROUP);
        owners.heard(new Claim(ETH0, ADDRESS, ALICE));
        owners.comesFrom("alice", GROUP);
        owners.taken(REQUESTS);
        assertThat(next()).startsWith("alice ");
        assertThat(next()).contains("everybody has had time to notice");
    }

    @Test
    void addressesThatWereHandedOverOrWhoseMacIsNotKnownOrOursAreTakenAsEver() throws Exception {
        owners.heldElsewhere(GROUP);
        owners.taken(REQUESTS);
        owners.comesFrom("alice", GROUP);
        owners.heard(new Claim(ETH0, ADDRESS, OWN)); // another interface of this host
        owners.taken(REQUESTS);
        assertThat(told.poll(200, TimeUnit.MILLISECONDS)).isNull();
        assertThat(frames.adopted()).isEmpty();
        takenFromAlice();
    }

    @Test
    void aClientTheKernelCannotReachIsAnsweredAtTheMacItSendsFrom() throws Exception {
        IpAddress known = IpAddress.of("192.0.2.101");
        MacAddress knownMac = new MacAddress(9);
        rtnetlink.addNeighbour(new Neighbour(ETH0, CLIENT, Optional.empty(), Neighbour.State.INCOMPLETE));
        rtnetlink.addNeighbour(new Neighbour(ETH0, known, Optional.of(knownMac), Neighbour.State.REACHABLE));
        takenFromAlice();
        frames.arrive(new Heard.Sender(ETH0, known, CLIENT_MAC));
        frames.arrive(new Heard.Sender(ETH0, IpAddress.of("203.0.113.1"), CLIENT_MAC)); // behind a router
        frames.arrive(new Heard.Sender(ETH0, CLIENT, CLIENT_MAC));
        await(() -> rtnetlink
                .neighbours()
                .contains(new Neighbour(ETH0, CLIENT, Optional.of(CLIENT_MAC), Neighbour.State.STALE)));
        assertThat(rtnetlink.neighbours())
                .hasSize(2)
                .contains(new Neighbour(ETH0, known, Optional.of(knownMac), Neighbour.State.REACHABLE));
    }

    @Test
    void aKernelThatRefusesIsToldOfOnceAndForwardedServicesAreServedAllTheSame() throws Exception {
        frames.breakDown();
        owners.heldElsewhere(GROUP);
        owners.heard(new Claim(ETH0, ADDRESS, ALICE));
        owners.comesFrom("alice", GROUP);
        owners.taken(REQUESTS);
        assertThat(next()).isEqualTo("failed");
        assertThat(next()).startsWith("alice ");
        assertThat(forwarded.poll(5, TimeUnit.SECONDS)).containsExactly(ALICE);
        owners.isBack("alice");
        assertThat(next()).endsWith("alice is back");
        assertThat(told).isEmpty();
    }

    @Test
    void theCacheForgetsTheOldest() {
        NeighbourCache cache = new NeighbourCache();
        for (int i = 0; i <= NeighbourCache.MOST; i++) {
            cache.heard(ETH0, IpAddress.ofIpv4(i), ALICE);
        }
        assertThat(cache.mac(ETH0, IpAddress.ofIpv4(0))).isEmpty();
        assertThat(cache.mac(ETH0, IpAddress.ofIpv4(1))).contains(ALICE);
        assertThat(cache.mac(3, IpAddress.ofIpv4(1))).isEmpty();
        cache.forget(List.of(IpAddress.ofIpv4(1)));
        assertThat(cache.mac(ETH0, IpAddress.ofIpv4(1))).isEmpty();
    }
}
