package org.halvs.ipvs.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.Offload;
import org.halvs.ipvs.forward.RedirectedServer;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MemoryStackRedirect;
import org.halvs.linux.StackRedirect;
import org.junit.jupiter.api.Test;

class LocalServersTest {
    private static final IpAddress VIP = IpAddress.of("192.0.2.80");
    private static final IpAddress VIP6 = IpAddress.of("2001:db8::80");
    private static final ServiceKey.AddressKey WEB = new ServiceKey.AddressKey(Protocol.TCP, VIP, 80);
    private static final ServiceKey.AddressKey WEB6 = new ServiceKey.AddressKey(Protocol.TCP, VIP6, 80);
    private static final NetworkView VIEW = NetworkView.builder()
            .addLocal(VIP)
            .addLocal(VIP6)
            .addLocal(IpAddress.of("192.0.2.1"))
            .addLocal(IpAddress.of("2001:db8::1"))
            .addLocal(IpAddress.of("::1"))
            .addLocal(IpAddress.of("127.0.0.0"), 8)
            .build();

    private static ForwardingTable.Entry entry(ServiceKey key, RealServer... servers) {
        return new ForwardingTable.Entry(VirtualService.of(key, SchedulerKind.RR), List.of(servers));
    }

    private static RealServer server(String address, int port, ForwardingMethod method, int weight) {
        return RealServer.of(IpAddress.of(address), port, method, weight);
    }

    private static RealServer masqueraded(String address, int port) {
        return server(address, port, ForwardingMethod.MASQUERADE, 1);
    }

    private static LocalServers of(ForwardingTable.Entry... entries) {
        return LocalServers.of(new ForwardingTable(1, List.of(entries)), VIEW::isLocal);
    }

    private static RedirectedServer redirected(ServiceKey.AddressKey service, String address, int port) {
        return new RedirectedServer(service, IpAddress.of(address), port);
    }

    @Test
    void ownAndLoopbackAddressesOfBothFamiliesAreRedirected() {
        ServiceKey.AddressKey dns = new ServiceKey.AddressKey(Protocol.UDP, VIP, 53);
        LocalServers servers = of(
                entry(WEB, masqueraded("192.0.2.11", 8080), masqueraded("127.0.0.1", 8080)),
                entry(WEB6, masqueraded("2001:db8::1", 8080)),
                entry(dns, masqueraded("192.0.2.1", 5353)));
        assertThat(servers.unserved()).isEmpty();
        assertThat(servers.redirected())
                .containsExactly(
                        redirected(WEB, "127.0.0.1", 8080),
                        redirected(WEB6, "2001:db8::1", 8080),
                        redirected(dns, "192.0.2.1", 5353));
        assertThat(servers.anyLoopback()).isTrue();
        assertThat(servers.rules())
                .contains(
                        new StackRedirect.Redirected(6, VIP, 80, IpAddress.of("127.0.0.1"), 8080),
                        new StackRedirect.Redirected(17, VIP, 53, IpAddress.of("192.0.2.1"), 5353));
    }

    @Test
    void nothingIsRedirectedThatNeedsNoTranslationOrIsElsewhere() {
        LocalServers servers = of(
                entry(
                        WEB,
                        masqueraded("192.0.2.80", 80),
                        masqueraded("192.0.2.11", 8080),
                        server("192.0.2.1", 80, ForwardingMethod.DIRECT_ROUTE, 1),
                        server("192.0.2.2", 80, ForwardingMethod.LOCAL, 1)),
                entry(WEB6));
        assertThat(servers).isEqualTo(LocalServers.NONE);
        assertThat(of(entry(WEB, masqueraded("192.0.2.1", 80))).redirected())
                .as("the port alone does not make it the service")
                .hasSize(1);
    }

    @Test
    void aServiceHasOneTheFirstThatIsInUse() {
        LocalServers servers = of(entry(
                WEB,
                server("192.0.2.1", 8081, ForwardingMethod.MASQUERADE, 0),
                masqueraded("127.0.0.1", 8080),
                masqueraded("192.0.2.1", 8082)));
        assertThat(servers.redirected()).containsExactly(redirected(WEB, "127.0.0.1", 8080));
        assertThat(servers.unserved())
                .map(LocalServers.Unserved::toString)
                .containsExactly(
                        "the real server 192.0.2.1:8082 of TCP 192.0.2.80:80 is on this machine and not served: a service"
                                + " has one such server at most, 127.0.0.1:8080 of TCP 192.0.2.80:80",
                        "the real server 192.0.2.1:8081 of TCP 192.0.2.80:80 is on this machine and not served: a service"
                                + " has one such server at most, 127.0.0.1:8080 of TCP 192.0.2.80:80");
    }

    @Test
    void theRuleWouldTakeConnectionsOfAGateServerHereAlong() {
        RealServer fallback = masqueraded("127.0.0.1", 8080);
        LocalServers servers = of(entry(WEB, server("192.0.2.1", 80, ForwardingMethod.DIRECT_ROUTE, 1), fallback));
        assertThat(servers.redirected()).isEmpty();
        assertThat(servers.unserved()).singleElement().asString().contains("has another server on this machine");
        assertThat(of(entry(WEB, masqueraded("192.0.2.80", 80), fallback)).redirected())
                .isEmpty();
        // as ldirectord leaves a real server that is down beside the fallback
        assertThat(of(entry(WEB, server("192.0.2.1", 80, ForwardingMethod.DIRECT_ROUTE, 0), fallback))
                        .redirected())
                .hasSize(1);
    }

    @Test
    void whatTheKernelCannotDoIsTold() {
        ServiceKey mark = new ServiceKey.FirewallMark(IpAddress.Family.IPV4, 5);
        ServiceKey everyPort = new ServiceKey.AddressKey(Protocol.TCP, VIP, 0);
        LocalServers servers = of(
                entry(mark, masqueraded("192.0.2.1", 8080)),
                entry(everyPort, masqueraded("192.0.2.1", 0)),
                entry(WEB6, masqueraded("::1", 8080)));
        assertThat(servers.redirected()).isEmpty();
        assertThat(servers.unserved())
                .map(LocalServers.Unserved::server)
                .containsExactly(
                        "192.0.2.1:8080 of FWM 5",
                        "192.0.2.1:0 of TCP 192.0.2.80:0",
                        "[::1]:8080 of TCP [2001:db8::80]:80");
    }

    @Test
    void aServerFollowsTheTableAndTheNetwork() {
        MemoryStackRedirect stack = new MemoryStackRedirect();
        LoopbackWish device = new LoopbackWish();
        LocalRedirection redirection = new LocalRedirection(Optional.of(stack), device);
        ForwardingTable table = new ForwardingTable(1, List.of(entry(WEB, masqueraded("127.0.0.1", 8080))));
        ForwardingTable elsewhere = new ForwardingTable(1, List.of(entry(WEB, masqueraded("192.0.2.1", 8080))));
        assertThat(redirection.follow(elsewhere, NetworkView.EMPTY, 0)).isEmpty();
        assertThat(stack.calls())
                .as("a site without such servers is left alone")
                .isZero();
        assertThat(redirection.follow(table, VIEW, 0)).containsExactly(redirected(WEB, "127.0.0.1", 8080));
        assertThat(redirection.follow(table, VIEW, 0)).hasSize(1);
        assertThat(stack.calls()).isEqualTo(1);
        ForwardingTable drained =
                new ForwardingTable(2, List.of(entry(WEB, server("127.0.0.1", 8080, ForwardingMethod.MASQUERADE, 0))));
        assertThat(redirection.follow(drained, VIEW, 0)).hasSize(1);
        assertThat(stack.calls()).as("a weight is nothing to the kernel").isEqualTo(1);
        assertThat(redirection.follow(ForwardingTable.EMPTY, VIEW, 0)).isEmpty();
        assertThat(stack.redirected()).isEmpty();
        assertThat(device.wishes).containsExactly(true, false);
        redirection.close();
    }

    @Test
    void aKernelThatRefusesIsToldOfAndTriedAgain() {
        MemoryStackRedirect stack = new MemoryStackRedirect();
        LoopbackWish device = new LoopbackWish();
        LocalRedirection redirection = new LocalRedirection(Optional.of(stack), device);
        ForwardingTable table = new ForwardingTable(
                1, List.of(entry(WEB, masqueraded("127.0.0.1", 8080)), entry(WEB6, masqueraded("2001:db8::1", 8080))));
        stack.fail(true);
        assertThat(redirection.follow(table, VIEW, 0)).isEmpty();
        assertThat(redirection.troubles()).hasSize(2).allMatch(line -> line.contains("Operation not supported"));
        assertThat(redirection.isDue(999_999_999)).isFalse();
        assertThat(redirection.isDue(1_000_000_000)).isTrue();
        stack.fail(false);
        stack.refuseLoopback(true);
        Set<RedirectedServer> some = redirection.retry(1_000_000_000);
        assertThat(some).containsExactly(redirected(WEB6, "2001:db8::1", 8080));
        assertThat(redirection.troubles())
                .containsExactly(
                        "the real server 127.0.0.1:8080 of TCP 192.0.2.80:80 is on this machine and not served: no dup");
        assertThat(redirection.isDue(5_000_000_000L)).isFalse();
        assertThat(device.wishes).containsOnly(false);
    }

    @Test
    void withoutNetfilterEachOneIsTold() {
        LocalRedirection redirection = new LocalRedirection(Optional.empty(), new LoopbackWish());
        ForwardingTable table = new ForwardingTable(1, List.of(entry(WEB, masqueraded("192.0.2.1", 8080))));
        assertThat(redirection.follow(table, VIEW, 0)).isEmpty();
        assertThat(redirection.troubles()).singleElement().asString().endsWith("this kernel has no nf_tables");
    }

    /** Remembers what it was told about loopback addresses. */
    private static final class LoopbackWish implements LocalDelivery {
        private final List<Boolean> wishes = new ArrayList<>();

        @Override
        public boolean deliver(MemorySegment segment, long offset, int length, Offload offload) {
            return true;
        }

        @Override
        public void acceptLoopback(boolean accept) {
            wishes.add(accept);
        }

        @Override
        public void close() {}
    }
}
