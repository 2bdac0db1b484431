package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rtnetlink against the kernel, in namespaces of its own. */
class RtnetlinkTest {
    private TestNetwork network;
    private Rtnetlink rtnetlink;

    @BeforeEach
    void open() {
        network = TestNetwork.create();
        rtnetlink = network.inHere(Rtnetlink::open);
    }

    @AfterEach
    void close() {
        if (rtnetlink != null) {
            rtnetlink.close();
        }
        if (network != null) {
            network.close();
        }
    }

    private Link eth0() {
        return rtnetlink.links().stream()
                .filter(l -> l.name().equals("eth0"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void listsLinks() {
        await(() -> eth0().carrier());
        List<Link> links = rtnetlink.links();
        assertThat(links.getFirst().name()).isEqualTo("lo");
        assertThat(links.getFirst().loopback()).isTrue();
        Link eth0 = eth0();
        assertThat(eth0.up()).isTrue();
        assertThat(eth0.kind()).hasValue("veth");
        assertThat(eth0.mtuBytes()).isEqualTo(1500);
        assertThat(eth0.hardwareType()).isEqualTo(Link.ETHERNET);
        assertThat(eth0.parentIndex()).isPresent();
        assertThat(network.ipHere("link show eth0"))
                .contains(eth0.mac().orElseThrow().toString());
    }

    @Test
    void noticesThatTheLinkIsDownAndSetsItUp() {
        network.ipHere("link set eth0 down");
        assertThat(eth0().up()).isFalse();
        assertThat(eth0().carrier()).isFalse();
        rtnetlink.setLinkUp(eth0().index());
        assertThat(eth0().up()).isTrue();
    }

    @Test
    void addsAnIpv4AddressWithBroadcastAndLabel() {
        InterfaceAddress address = InterfaceAddress.of(eth0().index(), IpAddress.of("192.0.2.10"), 24)
                .withBroadcast(IpAddress.of("192.0.2.255"))
                .withLabel("eth0:web");
        AddressChange add = new AddressChange.Add(address);
        assertThat(rtnetlink.apply(List.of(add))).containsExactly(new AddressOutcome.Changed(add));
        assertThat(network.ipHere("-4 addr show eth0"))
                .contains("inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0:web");
        assertThat(rtnetlink.apply(List.of(add))).containsExactly(new AddressOutcome.AlreadySo(add));

        InterfaceAddress listed = rtnetlink.addresses().stream()
                .filter(a -> a.address().equals(address.address()))
                .findFirst()
                .orElseThrow();
        assertThat(listed).isEqualTo(address.withFlag(InterfaceAddress.PERMANENT));

        AddressChange remove = new AddressChange.Remove(address);
        assertThat(rtnetlink.apply(List.of(remove))).containsExactly(new AddressOutcome.Changed(remove));
        assertThat(rtnetlink.apply(List.of(remove))).containsExactly(new AddressOutcome.AlreadySo(remove));
        assertThat(network.ipHere("-4 addr show eth0")).doesNotContain("192.0.2.10");
    }

    @Test
    void addsAnIpv6AddressWithAndWithoutDuplicateDetection() {
        InterfaceAddress tentative = InterfaceAddress.of(eth0().index(), IpAddress.of("2001:db8::10"), 64);
        InterfaceAddress ready = InterfaceAddress.of(eth0().index(), IpAddress.of("2001:db8::11"), 64)
                .withFlag(InterfaceAddress.NO_DUPLICATE_DETECTION)
                .withFlag(InterfaceAddress.NO_PREFIX_ROUTE);
        assertThat(rtnetlink.apply(List.of(new AddressChange.Add(tentative), new AddressChange.Add(ready))))
                .allMatch(AddressOutcome.Changed.class::isInstance);
        assertThat(listed("2001:db8::10").has(InterfaceAddress.TENTATIVE)).isTrue();
        assertThat(listed("2001:db8::11").has(InterfaceAddress.TENTATIVE)).isFalse();
        assertThat(listed("2001:db8::11").has(InterfaceAddress.NO_PREFIX_ROUTE)).isTrue();
    }

    @Test
    void rejectsWithTheReasonOfTheKernelAndMakesTheOthers() {
        AddressChange bad = new AddressChange.Add(InterfaceAddress.of(4711, IpAddress.of("192.0.2.1"), 24));
        AddressChange good = new AddressChange.Add(InterfaceAddress.of(eth0().index(), IpAddress.of("192.0.2.2"), 24));
        AddressChange gone = new AddressChange.Remove(InterfaceAddress.of(4711, IpAddress.of("192.0.2.1"), 24));
        List<AddressOutcome> outcomes = rtnetlink.apply(List.of(bad, good, gone));
        assertThat(outcomes.get(0)).isInstanceOfSatisfying(AddressOutcome.Rejected.class, rejected -> {
            assertThat(rejected.error().errno()).isEqualTo(Errno.ENODEV);
            assertThat(rejected.error()).hasMessageContaining("192.0.2.1/24 on interface 4711");
        });
        assertThat(outcomes.get(1)).isEqualTo(new AddressOutcome.Changed(good));
        assertThat(outcomes.get(2)).isEqualTo(new AddressOutcome.AlreadySo(gone));
    }

    @Test
    void changesAThousandAddressesInOneGo() {
        List<AddressChange> adds = new ArrayList<>();
        List<AddressChange> removes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            InterfaceAddress address = InterfaceAddress.of(eth0().index(), IpAddress.ofIpv4(0x0a000001 + i), 16)
                    .withLabel("eth0:" + i);
            adds.add(new AddressChange.Add(address));
            removes.addFirst(new AddressChange.Remove(address));
        }
        long start = System.nanoTime();
        assertThat(rtnetlink.apply(adds)).hasSize(1000).allMatch(AddressOutcome.Changed.class::isInstance);
        long added = System.nanoTime();
        assertThat(rtnetlink.addresses()).hasSizeGreaterThan(1000);
        long listed = System.nanoTime();
        assertThat(rtnetlink.apply(adds)).hasSize(1000).allMatch(AddressOutcome.AlreadySo.class::isInstance);
        long again = System.nanoTime();
        assertThat(rtnetlink.apply(removes)).hasSize(1000).allMatch(AddressOutcome.Changed.class::isInstance);
        long removed = System.nanoTime();
        System.out.printf(
                "1000 addresses: add %.1f ms, list %.1f ms, add again %.1f ms, remove %.1f ms%n",
                (added - start) / 1e6, (listed - added) / 1e6, (again - listed) / 1e6, (removed - again) / 1e6);
    }

    @Test
    void listsRoutesAndLooksThemUp() {
        network.ipHere("addr add 192.0.2.1/24 dev eth0");
        network.ipHere("addr add 2001:db8::1/64 dev eth0 nodad");
        network.ipHere("route add default via 192.0.2.254 src 192.0.2.1 mtu 1400 metric 5");
        network.ipHere("route add blackhole 198.51.100.0/24");
        network.ipHere("route add 203.0.113.0/24 via inet6 fe80::1 dev eth0");
        network.ipHere("route add 203.0.114.0/24 nexthop via 192.0.2.7 nexthop via 192.0.2.8");
        int eth0 = eth0().index();

        List<Route> routes = rtnetlink.routes();
        Route byDefault = find(routes, "0.0.0.0", 0);
        assertThat(byDefault.gateway()).hasValue(IpAddress.of("192.0.2.254"));
        assertThat(byDefault.preferredSource()).hasValue(IpAddress.of("192.0.2.1"));
        assertThat(byDefault.metric()).isEqualTo(5);
        assertThat(byDefault.mtuBytes()).isEqualTo(1400);
        assertThat(byDefault.linkIndex()).hasValue(eth0);
        assertThat(find(routes, "192.0.2.0", 24).onLink()).isTrue();
        assertThat(find(routes, "192.0.2.0", 24).mtuBytes()).isZero();
        assertThat(find(routes, "198.51.100.0", 24).type()).isEqualTo(Route.Type.BLACKHOLE);
        assertThat(find(routes, "203.0.113.0", 24).gateway()).hasValue(IpAddress.of("fe80::1"));
        assertThat(routes)
                .filteredOn(r -> r.destination().equals(IpAddress.of("203.0.114.0")))
                .hasSize(2);
        assertThat(find(routes, "192.0.2.1", 32).table()).isEqualTo(Route.LOCAL);
        assertThat(find(routes, "2001:db8::", 64).onLink()).isTrue();

        assertThat(rtnetlink.route(IpAddress.of("8.8.8.8")))
                .hasValue(new RouteLookup(
                        eth0,
                        Optional.of(IpAddress.of("192.0.2.254")),
                        Optional.of(IpAddress.of("192.0.2.1")),
                        OptionalInt.of(1400),
                        false));
        assertThat(rtnetlink.route(IpAddress.of("192.0.2.9")).orElseThrow().gateway())
                .isEmpty();
        assertThat(rtnetlink.route(IpAddress.of("192.0.2.1")).orElseThrow().local())
                .isTrue();
        assertThat(rtnetlink.route(IpAddress.of("198.51.100.9"))).isEmpty();
        assertThat(rtnetlink.route(IpAddress.of("2001:db8::9")).orElseThrow().linkIndex())
                .isEqualTo(eth0);
        assertThat(rtnetlink.route(IpAddress.of("2001:db9::9"))).isEmpty();
    }

    @Test
    void changesThePreferredSourceOfARouteAndNothingElse() {
        network.ipHere("addr add 192.0.2.1/24 dev eth0");
        network.ipHere("addr add 192.0.2.10/24 dev eth0");
        network.ipHere("addr add 2001:db8::1/64 dev eth0 nodad");
        network.ipHere("route add default via 192.0.2.254 dev eth0 mtu 1400 metric 5 proto static onlink");
        network.ipHere("-6 route add default via 2001:db8::fe dev eth0 metric 7");
        String before = network.ipHere("route show default");
        IpAddress source = IpAddress.of("192.0.2.10");
        rtnetlink.preferSource(find(rtnetlink.routes(), "0.0.0.0", 0), Optional.of(source));
        assertThat(network.ipHere("route show default").split(" src 192.0.2.10"))
                .hasSize(2);
        assertThat(network.ipHere("route show default").replace("src 192.0.2.10 ", ""))
                .isEqualTo(before);
        rtnetlink.preferSource(find(rtnetlink.routes(), "0.0.0.0", 0), Optional.empty());
        assertThat(network.ipHere("route show default")).isEqualTo(before);

        IpAddress source6 = IpAddress.of("2001:db8::1");
        rtnetlink.preferSource(find(rtnetlink.routes(), "::", 0), Optional.of(source6));
        assertThat(network.ipHere("-6 route show default"))
                .contains("via 2001:db8::fe dev eth0 src 2001:db8::1 metric 7")
                .hasLineCount(1);
        Route absent = find(rtnetlink.routes(), "192.0.2.0", 24);
        network.ipHere("addr flush dev eth0");
        assertThatThrownBy(() -> rtnetlink.preferSource(absent, Optional.empty()))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("192.0.2.0/24");
    }

    @Test
    void makesTheKernelResolveANeighbour() {
        network.ipHere("addr add 192.0.2.1/24 dev eth0");
        network.ipThere("addr add 192.0.2.2/24 dev eth0");
        network.ipHere("addr add 2001:db8::1/64 dev eth0 nodad");
        network.ipThere("addr add 2001:db8::2/64 dev eth0 nodad");
        for (String target : List.of("192.0.2.2", "2001:db8::2")) {
            IpAddress address = IpAddress.of(target);
            rtnetlink.resolve(eth0().index(), address);
            await(() -> neighbour(address).map(Neighbour::usable).orElse(false));
            String mac = neighbour(address).orElseThrow().mac().orElseThrow().toString();
            assertThat(network.ipThere("link show eth0")).contains(mac);
        }
        IpAddress absent = IpAddress.of("192.0.2.77");
        rtnetlink.resolve(eth0().index(), absent);
        assertThat(neighbour(absent).orElseThrow().usable()).isFalse();
    }

    @Test
    void theMonitorTellsOfChangesAndEndsWhenClosed() throws Exception {
        NetworkMonitor monitor =
                network.inHere(() -> NetworkMonitor.open(NetworkChange.Kind.ADDRESSES, NetworkChange.Kind.LINKS));
        try (var threads = Executors.newCachedThreadPool(Thread.ofPlatform().factory())) {
            network.ipHere("addr add 192.0.2.1/24 dev eth0");
            NetworkChange change = threads.submit(monitor::next).get().orElseThrow();
            assertThat(change.kinds()).contains(NetworkChange.Kind.ADDRESSES);
            var waiting = threads.submit(() -> {
                Optional<NetworkChange> last = monitor.next();
                while (last.isPresent()) {
                    last = monitor.next();
                }
                return last;
            });
            Thread.sleep(50);
            monitor.close();
            assertThat(waiting.get()).isEmpty();
        }
    }

    @Test
    void theMonitorTellsThatTheKernelBeginsToRoute() throws Exception {
        for (String setting : List.of("ipv4/ip_forward", "ipv6/conf/all/forwarding")) {
            NetworkMonitor monitor = network.inHere(() -> NetworkMonitor.open(NetworkChange.Kind.FORWARDING));
            network.inHere(() -> Files.writeString(Path.of("/proc/sys/net", setting), "1"));
            assertThat(monitor.next().orElseThrow().kinds()).containsExactly(NetworkChange.Kind.FORWARDING);
            monitor.close();
        }
    }

    @Test
    void theMonitorTellsOfAnOverflow() {
        NetworkMonitor monitor = network.inHere(() -> NetworkMonitor.open(NetworkChange.Kind.values()));
        List<AddressChange> adds = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            adds.add(new AddressChange.Add(InterfaceAddress.of(eth0().index(), IpAddress.ofIpv4(0x0a000001 + i), 16)));
        }
        rtnetlink.apply(adds);
        NetworkChange change = monitor.next().orElseThrow();
        assertThat(change.resync()).isTrue();
        assertThat(change.kinds()).containsExactly(NetworkChange.Kind.values());
        monitor.close();
    }

    @Test
    void virtualThreadsMayNotEnterNamespaces() throws Exception {
        try (NetworkNamespace namespace = NetworkNamespace.open(network.here);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThatThrownBy(() -> threads.submit(namespace::enter).get())
                    .hasMessageContaining("must run on a platform thread");
        }
        assertThatThrownBy(() -> NetworkNamespace.open("no-such-namespace"))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("No such file or directory");
    }

    private Optional<Neighbour> neighbour(IpAddress address) {
        return rtnetlink.neighbours().stream()
                .filter(n -> n.address().equals(address))
                .findFirst();
    }

    private InterfaceAddress listed(String address) {
        return rtnetlink.addresses().stream()
                .filter(a -> a.address().equals(IpAddress.of(address)))
                .findFirst()
                .orElseThrow();
    }

    private static Route find(List<Route> routes, String destination, int prefixLength) {
        return routes.stream()
                .filter(r -> r.destination().equals(IpAddress.of(destination)) && r.prefixLength() == prefixLength)
                .findFirst()
                .orElseThrow(() -> new AssertionError(destination + " not in " + routes));
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
