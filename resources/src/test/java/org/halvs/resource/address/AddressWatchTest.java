package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.halvs.linux.AddressClaimMonitor;
import org.halvs.linux.ArpFrame;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.MacAddress;
import org.halvs.linux.NeighbourAdvertisement;
import org.halvs.linux.NetworkChange;
import org.halvs.linux.NetworkMonitor;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others do to the addresses and interfaces of a host is noticed and mended. */
class AddressWatchTest {
    @TempDir
    private Path directory;

    private final BlockingQueue<String> drifts = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> links = new LinkedBlockingQueue<>();
    private Lab lab;
    private Switch lan;
    private Host here;
    private Host there;
    private FloatingAddresses addresses;
    private Announcer announcer;
    private AddressWatch watch;
    private LinkLayerSocket listener;

    @BeforeEach
    void open() throws Exception {
        Optional<String> missing = Lab.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
        lab = Lab.open();
        lan = lab.ethernetSwitch("lan");
        here = lab.host("here");
        there = lab.host("there");
        lan.plug(here, "eth0", "192.0.2.1/24");
        lan.plug(there, "eth0", "192.0.2.2/24");
        here.ip("address", "add", "2001:db8::1/64", "dev", "eth0", "nodad");
        Rtnetlink rtnetlink = lab.with(here.call(Rtnetlink::open));
        announcer = lab.with(new Announcer(here.call(LinkLayerSocket::openForSending)));
        addresses = new FloatingAddresses(
                rtnetlink,
                announcer,
                AddressJournal.open(directory.resolve("addresses")),
                _ -> false,
                Optional.empty());
        ResourceGroup group = new ResourceGroup(
                "here",
                List.of(
                        new ResourceSpec("IPaddr2", List.of("192.0.2.10"), "IPaddr2::192.0.2.10"),
                        new ResourceSpec("apache", List.of(), "apache")),
                1);
        watch = lab.with(new AddressWatch(
                here.call(() -> NetworkMonitor.open(NetworkChange.Kind.LINKS, NetworkChange.Kind.ADDRESSES)),
                here.call(Rtnetlink::open),
                addresses,
                new LinkWatch(List.of(group), (key, device, up) -> links.add(key + " " + device + " " + up)),
                (address, text) -> drifts.add(address + " " + text)));
        assertThat(links.poll(5, TimeUnit.SECONDS)).isEqualTo("IPaddr2::192.0.2.10 eth0 true");
        listener = lab.with(there.call(LinkLayerSocket::openForArp));
    }

    @AfterEach
    void close() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void interfacesOfOtherGroupsAreToldOfAfterAReload() throws Exception {
        ResourceGroup other = new ResourceGroup(
                "alice", List.of(new ResourceSpec("IPaddr2", List.of("192.0.2.11"), "IPaddr2::192.0.2.11")), 1);
        watch.groups(List.of(other));
        assertThat(links.poll(5, TimeUnit.SECONDS)).isEqualTo("IPaddr2::192.0.2.11 eth0 true");
        lan.unplug(here);
        assertThat(links.poll(5, TimeUnit.SECONDS))
                .as("and of those that are gone nothing any more")
                .isEqualTo("IPaddr2::192.0.2.11 eth0 false");
        watch.groups(List.of(other));
        assertThat(links.poll(200, TimeUnit.MILLISECONDS)).as("nothing is new").isNull();
    }

    private void hold(String script, String argument) {
        AddressRequest request = ((AddressRequest.Reading.Request)
                        AddressRequest.read(AddressScript.named(script).orElseThrow(), List.of(argument)))
                .request();
        assertThat(addresses.start(List.of(request)).getFirst()).isEqualTo(org.halvs.resource.ActionResult.done());
    }

    private boolean holds(String address) {
        return here.ip("-o", "address", "show", "dev", "eth0").contains(" " + address + "/");
    }

    /** Waits until nobody has announced anything for so long that the first rounds are over. */
    private void awaitSilence() {
        while (listener.receive(700).isPresent()) {
            // an announcement
        }
    }

    private boolean announcedBy(String mac) {
        return Lab.eventually(
                5000,
                () -> listener.receive(50)
                        .flatMap(frame -> ArpFrame.parse(frame.bytes()))
                        .filter(frame -> frame.gratuitous() && frame.sender().equals(IpAddress.of("192.0.2.10")))
                        .filter(frame ->
                                frame.senderMac().equals(MacAddress.parse(mac).orElseThrow()))
                        .isPresent());
    }

    private String mac() {
        return here.run("cat", "/sys/class/net/eth0/address").strip();
    }

    @Test
    void anAddressThatSomebodyRemovesIsPutBackAndAnnounced() throws InterruptedException {
        hold("IPaddr2", "192.0.2.10/24/eth0:web");
        awaitSilence();
        here.ip("address", "delete", "192.0.2.10/24", "dev", "eth0");
        assertThat(drifts.poll(5, TimeUnit.SECONDS))
                .startsWith("192.0.2.10/24 on eth0 was removed from this host by process ")
                .endsWith("; put back and announced");
        assertThat(here.ip("-o", "address", "show", "dev", "eth0"))
                .contains("192.0.2.10/24 brd 192.0.2.255 scope global secondary eth0:web");
        assertThat(announcedBy(mac())).isTrue();
    }

    @Test
    void whatThisHostGivesUpIsNotPutBack() throws InterruptedException {
        hold("IPaddr2", "192.0.2.10");
        AddressRequest request = ((AddressRequest.Reading.Request)
                        AddressRequest.read(AddressScript.IPADDR2, List.of("192.0.2.10")))
                .request();
        addresses.stop(List.of(request));
        here.ip("address", "add", "192.0.2.99/24", "dev", "eth0");
        here.ip("address", "delete", "192.0.2.99/24", "dev", "eth0");
        assertThat(drifts.poll(300, TimeUnit.MILLISECONDS)).isNull();
        assertThat(holds("192.0.2.10")).isFalse();
    }

    @Test
    void ipv6AddressesComeBackWithTheirInterface() throws InterruptedException {
        hold("IPv6addr", "2001:db8::10");
        hold("IPaddr2", "192.0.2.10");
        awaitSilence();
        here.ip("link", "set", "eth0", "down");
        assertThat(links.poll(5, TimeUnit.SECONDS)).isEqualTo("IPaddr2::192.0.2.10 eth0 false");
        assertThat(holds("2001:db8::10")).isFalse();
        assertThat(here.ip("link", "show", "eth0"))
                .as("an interface set down stays so")
                .doesNotContain("state UP");
        here.ip("link", "set", "eth0", "up");
        assertThat(links.poll(5, TimeUnit.SECONDS)).isEqualTo("IPaddr2::192.0.2.10 eth0 true");
        assertThat(Lab.eventually(5000, () -> holds("2001:db8::10"))).isTrue();
        assertThat(here.ip("-o", "address", "show", "dev", "eth0")).doesNotContain("tentative scope global");
        assertThat(announcedBy(mac())).isTrue();
    }

    @Test
    void losingAndFindingTheCarrierIsToldAndAnnounced() throws InterruptedException {
        hold("IPaddr2", "192.0.2.10");
        awaitSilence();
        lan.unplug(here);
        assertThat(links.poll(5, TimeUnit.SECONDS)).isEqualTo("IPaddr2::192.0.2.10 eth0 false");
        lan.replug(here);
        assertThat(links.poll(5, TimeUnit.SECONDS)).isEqualTo("IPaddr2::192.0.2.10 eth0 true");
        assertThat(announcedBy(mac())).isTrue();
        assertThat(drifts).isEmpty();
    }

    @Test
    void anotherMacIsAnnounced() {
        hold("IPaddr2", "192.0.2.10");
        awaitSilence();
        here.ip("link", "set", "eth0", "address", "02:00:00:00:00:77");
        assertThat(announcedBy("02:00:00:00:00:77")).isTrue();
    }

    @Test
    void anInterfaceThatDisappearsIsToldAndWhenItReturnsHasItsAddresses() throws InterruptedException {
        hold("IPaddr2", "192.0.2.10/24/eth0");
        here.ip("link", "set", "eth0", "down");
        here.ip("link", "set", "eth0", "name", "gone0");
        assertThat(links.poll(5, TimeUnit.SECONDS)).isEqualTo("IPaddr2::192.0.2.10 eth0 false");
        here.ip("link", "set", "gone0", "up");
        here.ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth1");
        here.ip("link", "set", "eth0", "up");
        here.ip("link", "set", "eth1", "up");
        assertThat(Lab.eventually(5000, () -> holds("192.0.2.10"))).isTrue();
    }

    @Test
    void somebodyElseWithTheSameAddressIsReportedOnceWithItsMacAndTheAddressDefended() throws Exception {
        hold("IPaddr2", "192.0.2.10");
        hold("IPv6addr", "2001:db8::10");
        awaitSilence();
        BlockingQueue<String> conflicts = new LinkedBlockingQueue<>();
        lab.with(new ConflictWatch(
                here.call(AddressClaimMonitor::open),
                here.call(Rtnetlink::open),
                addresses,
                announcer,
                (address, device, mac) -> conflicts.add(address + " " + device + " " + mac),
                Optional.empty()));
        MacAddress other = MacAddress.parse("02:00:00:00:00:99").orElseThrow();
        int eth0 =
                Integer.parseInt(there.run("cat", "/sys/class/net/eth0/ifindex").strip());
        try (LinkLayerSocket sender = there.call(LinkLayerSocket::openForSending)) {
            sender.send(
                    eth0,
                    ArpFrame.request(other, IpAddress.of("192.0.2.77"), IpAddress.of("192.0.2.10"))
                            .bytes());
            sender.send(eth0, ArpFrame.probe(other, IpAddress.of("192.0.2.10")).bytes());
            sender.send(
                    eth0,
                    ArpFrame.gratuitousRequest(other, IpAddress.of("192.0.2.10"))
                            .bytes());
            sender.send(
                    eth0,
                    ArpFrame.gratuitousReply(other, IpAddress.of("192.0.2.10")).bytes());
            sender.send(eth0, new NeighbourAdvertisement(other, IpAddress.of("2001:db8::10"), false).bytes());
        }
        assertThat(conflicts.poll(5, TimeUnit.SECONDS)).isEqualTo("192.0.2.10 eth0 02:00:00:00:00:99");
        assertThat(conflicts.poll(5, TimeUnit.SECONDS)).isEqualTo("2001:db8::10 eth0 02:00:00:00:00:99");
        assertThat(conflicts).isEmpty();
        assertThat(announcedBy(mac())).isTrue();
        assertThat(listener.receive(300).flatMap(frame -> ArpFrame.parse(frame.bytes())))
                .as("the second form of the one defence")
                .isPresent();
        while (listener.receive(300).isPresent()) {
            // the rest of it
        }
        addresses.announceAgain();
        assertThat(announcedBy(mac())).isTrue();
        assertThat(conflicts.poll(300, TimeUnit.MILLISECONDS))
                .as("what this host says itself")
                .isNull();
    }

    @Test
    void whoeverRemovesItAgainAndAgainWinsUntilTheGroupsCheckComes() throws InterruptedException {
        hold("IPaddr2", "192.0.2.10");
        for (int i = 0; i < 10; i++) {
            here.ip("address", "delete", "192.0.2.10/24", "dev", "eth0");
            assertThat(drifts.poll(5, TimeUnit.SECONDS)).contains("put back");
        }
        here.ip("address", "delete", "192.0.2.10/24", "dev", "eth0");
        assertThat(drifts.poll(300, TimeUnit.MILLISECONDS)).isNull();
        assertThat(holds("192.0.2.10")).isFalse();
    }
}
