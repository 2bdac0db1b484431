package org.halvs.ipvs.plane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.port.MemoryPort;
import org.halvs.ipvs.port.PacketPort;
import org.halvs.ipvs.port.PortFactory;
import org.halvs.ipvs.port.PortWaiter;
import org.halvs.linux.Errno;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MacAddress;
import org.halvs.linux.MemoryRtnetlink;
import org.halvs.linux.Neighbour;
import org.halvs.linux.NetworkChange;
import org.halvs.linux.Route;
import org.junit.jupiter.api.Test;

class NetworkKeeperTest {
    private static final long SECOND = 1_000_000_000L;
    private static final IpAddress SERVER = IpAddress.of("10.1.0.11");
    private static final IpAddress GATEWAY = IpAddress.of("198.51.100.254");

    private final MemoryRtnetlink kernel = new MemoryRtnetlink();
    private final List<NetworkView> views = new ArrayList<>();
    private final List<List<String>> ports = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private long now;
    private boolean routes;
    private final NetworkKeeper keeper = new NetworkKeeper(
            kernel,
            new NetworkReader(kernel, _ -> routes),
            new Factory(),
            views::add,
            list -> ports.add(list.stream().map(PacketPort::interfaceName).toList()),
            () -> now);

    private final class Factory implements PortFactory {
        @Override
        public PacketPort open(Link link, int share) {
            if (broken.contains(link.name())) {
                throw new LinuxException("bind", Errno.ENETDOWN, link.name());
            }
            return new MemoryPort(link.index(), link.name(), 1);
        }

        @Override
        public PortWaiter waiter() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String description() {
            return "memory";
        }
    }

    NetworkKeeperTest() {
        kernel.putLink(link(1, "lo", true, OptionalInt.empty(), Link.LOOPBACK));
        kernel.putLink(link(2, "eth0", true, OptionalInt.empty(), Link.ETHERNET));
        kernel.putLink(link(3, "eth1", true, OptionalInt.empty(), Link.ETHERNET));
        kernel.putLink(link(4, "eth2", false, OptionalInt.empty(), Link.ETHERNET));
        kernel.putLink(link(5, "bond0-a", true, OptionalInt.of(3), Link.ETHERNET));
        kernel.addRoute(route("10.1.0.0", 24, 3, Optional.empty()));
        kernel.addRoute(route("0.0.0.0", 0, 2, Optional.of(GATEWAY)));
    }

    @Test
    void portsStandOnEthernetInterfacesThatAreUpAndNobodysSlave() {
        step();
        assertThat(ports).containsExactly(List.of("eth0", "eth1"));
        assertThat(keeper.portNames()).containsExactly("eth0", "eth1");
        assertThat(keeper.troubles()).isEmpty();
        step();
        assertThat(ports).hasSize(1);
        assertThat(views).hasSize(1);
    }

    @Test
    void whetherTheKernelRoutesIsReadWhenItSaysSo() {
        step();
        routes = true;
        keeper.step(EnumSet.noneOf(NetworkChange.Kind.class));
        assertThat(views.getLast().forwards(IpAddress.Family.IPV4)).isFalse();
        keeper.step(EnumSet.of(NetworkChange.Kind.FORWARDING));
        assertThat(views.getLast().forwards(IpAddress.Family.IPV4)).isTrue();
    }

    @Test
    void interfacesThatComeAndGoAreFollowed() {
        step();
        kernel.putLink(link(4, "eth2", true, OptionalInt.empty(), Link.ETHERNET));
        step();
        kernel.putLink(link(2, "eth0", false, OptionalInt.empty(), Link.ETHERNET));
        step();
        assertThat(ports)
                .containsExactly(List.of("eth0", "eth1"), List.of("eth0", "eth1", "eth2"), List.of("eth1", "eth2"));
    }

    @Test
    void aPortThatCannotBeOpenedIsRetriedAndTheRestGoesOn() {
        broken.add("eth1");
        step();
        assertThat(ports).containsExactly(List.of("eth0"));
        assertThat(keeper.troubles())
                .containsExactly("eth1 is not served (bind failed for eth1: Network is down (ENETDOWN)), tried again"
                        + " every 5 s");
        broken.clear();
        now += 4 * SECOND;
        step();
        assertThat(ports).hasSize(1);
        now += 2 * SECOND;
        keeper.step(EnumSet.noneOf(NetworkChange.Kind.class));
        assertThat(ports).containsExactly(List.of("eth0"), List.of("eth0", "eth1"));
        assertThat(keeper.troubles()).isEmpty();
    }

    @Test
    void nextHopsOfRealServersAreResolvedAheadUntilKnownAndConfirmedNowAndThen() {
        step();
        assertThat(kernel.resolved()).containsExactly(GATEWAY);
        publish();
        keeper.step(EnumSet.noneOf(NetworkChange.Kind.class));
        assertThat(kernel.resolved()).containsExactly(GATEWAY, SERVER, GATEWAY);
        kernel.addNeighbour(neighbour(3, SERVER, Neighbour.State.REACHABLE));
        kernel.addNeighbour(neighbour(2, GATEWAY, Neighbour.State.STALE));
        step();
        for (int i = 0; i < 10; i++) {
            now += 2 * SECOND;
            step();
        }
        assertThat(kernel.resolved()).hasSize(3);
        now += 11 * SECOND;
        step();
        assertThat(kernel.resolved()).hasSize(5);
    }

    @Test
    void aViewShowsRoutesNeighboursAndLocalAddresses() {
        kernel.addNeighbour(neighbour(3, SERVER, Neighbour.State.REACHABLE));
        kernel.addNeighbour(neighbour(3, IpAddress.of("10.1.0.12"), Neighbour.State.FAILED));
        step();
        NetworkView view = views.getLast();
        assertThat(view.route(SERVER).interfaceIndex()).isEqualTo(3);
        assertThat(view.route(IpAddress.of("8.8.8.8")).gateway()).contains(GATEWAY);
        assertThat(view.neighbour(3, SERVER)).isEqualTo(mac(3).value());
        assertThat(view.neighbour(3, IpAddress.of("10.1.0.12"))).isEqualTo(NetworkView.NO_MAC);
        assertThat(view.interfaceAt(5)).isEmpty();
        assertThat(view.isLocal(IpAddress.of("127.0.0.1"))).isTrue();
    }

    @Test
    void routesThatRefuseAndMtusOfRoutesCount() {
        kernel.addRoute(route("192.0.2.0", 24, 1200, Route.Type.UNICAST));
        kernel.addRoute(route("198.51.100.0", 24, 0, Route.Type.PROHIBIT));
        kernel.addRoute(route("10.9.0.0", 16, 0, Route.Type.LOCAL));
        step();
        NetworkView view = views.getLast();
        assertThat(view.mtu(view.route(IpAddress.of("192.0.2.9")))).isEqualTo(1200);
        assertThat(view.mtu(view.route(SERVER))).isEqualTo(1500);
        NetworkView.Route refused = view.route(IpAddress.of("198.51.100.9"));
        assertThat(refused.isReachable()).isFalse();
        assertThat(refused.kind()).isEqualTo(NetworkView.Route.Kind.PROHIBIT);
        assertThat(view.isLocal(IpAddress.of("10.9.200.1"))).isTrue();
    }

    private static Route route(String destination, int prefix, int mtu, Route.Type type) {
        return new Route(
                IpAddress.of(destination),
                prefix,
                type == Route.Type.PROHIBIT ? OptionalInt.empty() : OptionalInt.of(3),
                Optional.empty(),
                Optional.empty(),
                0,
                mtu,
                Route.MAIN,
                type,
                InterfaceAddress.Scope.GLOBAL);
    }

    @Test
    void aNeighbourThatOnlyChangesItsStateIsNoNews() {
        kernel.addNeighbour(neighbour(3, SERVER, Neighbour.State.REACHABLE));
        step();
        kernel.addNeighbour(neighbour(3, SERVER, Neighbour.State.STALE));
        step();
        assertThat(views).hasSize(1);
    }

    private void step() {
        keeper.step(EnumSet.allOf(NetworkChange.Kind.class));
    }

    private void publish() {
        VirtualService service = VirtualService.of(
                new ServiceKey.AddressKey(Protocol.TCP, IpAddress.of("198.51.100.80"), 80), SchedulerKind.RR);
        keeper.table(new ForwardingTable(
                1,
                List.of(new ForwardingTable.Entry(
                        service, List.of(RealServer.of(SERVER, 80, ForwardingMethod.MASQUERADE, 1))))));
    }

    private static Link link(int index, String name, boolean up, OptionalInt master, int type) {
        return new Link(
                index,
                name,
                Optional.of(mac(index)),
                1500,
                up,
                up,
                type == Link.LOOPBACK,
                master,
                OptionalInt.empty(),
                Optional.empty(),
                type);
    }

    private static MacAddress mac(int index) {
        return new MacAddress(0x02_00_00_00_00_00L + index);
    }

    private static Neighbour neighbour(int index, IpAddress address, Neighbour.State state) {
        return new Neighbour(index, address, Optional.of(mac(index)), state);
    }

    private static Route route(String destination, int prefix, int index, Optional<IpAddress> gateway) {
        return new Route(
                IpAddress.of(destination),
                prefix,
                OptionalInt.of(index),
                gateway,
                Optional.empty(),
                0,
                0,
                Route.MAIN,
                Route.Type.UNICAST,
                InterfaceAddress.Scope.GLOBAL);
    }
}
