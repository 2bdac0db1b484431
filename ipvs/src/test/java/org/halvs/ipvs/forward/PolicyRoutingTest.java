package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.forward.NetworkView.InterfaceAddress;
import org.halvs.ipvs.forward.NetworkView.PolicyRule;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.junit.jupiter.api.Test;

/** Two uplinks: replies leave by the one that the rules for their source name. */
class PolicyRoutingTest {
    private static final int MAIN = 254;
    private static final int SECOND = 100;
    private static final IpAddress ANY = IpAddress.ANY_IPV4;
    private static final IpAddress VIRTUAL = IpAddress.of("198.51.100.10");

    private static NetworkView.Builder network() {
        return NetworkView.builder()
                .add(link(2, "192.0.2.1"))
                .add(link(3, "198.51.100.1"))
                .add(route("192.0.2.254", 2))
                .add(SECOND, route("198.51.100.254", 3));
    }

    private static NetworkView.Interface link(int index, String address) {
        return new NetworkView.Interface(
                index,
                "eth" + index,
                new MacAddress(index),
                1500,
                List.of(new InterfaceAddress(IpAddress.of(address), 24)));
    }

    private static NetworkView.Route route(String gateway, int index) {
        return new NetworkView.Route(ANY, 0, index, Optional.of(IpAddress.of(gateway)), Optional.empty(), 0, 0);
    }

    private static PolicyRule rule(long priority, IpAddress source, int sourceLength, long mark, int input, int table) {
        return new PolicyRule(
                IpAddress.Family.IPV4,
                priority,
                source,
                sourceLength,
                ANY,
                0,
                mark,
                mark == 0 ? 0 : 0xff,
                input,
                PolicyRule.Action.TABLE,
                table,
                0,
                -1,
                false);
    }

    private static int way(NetworkView view, long source, long mark, int input) {
        NetworkView.Path path = view.path(true, 0, 0xcb007101L, 0, source, mark, input);
        return path == null ? 0 : path.interfaceIndex();
    }

    @Test
    void theSourceDecides() {
        NetworkView view = network()
                .add(rule(1000, VIRTUAL, 32, 0, 0, SECOND))
                .add(rule(32766, ANY, 0, 0, 0, MAIN))
                .build();
        assertThat(way(view, VIRTUAL.low(), 0, PolicyRouting.OWN)).isEqualTo(3);
        assertThat(way(view, VIRTUAL.low() + 1, 0, PolicyRouting.OWN)).isEqualTo(2);
        assertThat(way(view, 0, 0, PolicyRouting.OWN)).isEqualTo(2);
        assertThat(view.route(IpAddress.of("203.0.113.1")).interfaceIndex()).isEqualTo(2);
    }

    @Test
    void marksAndInterfacesDecide() {
        NetworkView view = network()
                .add(rule(1, ANY, 0, 0x1f, 0, SECOND))
                .add(rule(2, ANY, 0, 0, 3, SECOND))
                .add(rule(32766, ANY, 0, 0, 0, MAIN))
                .build();
        assertThat(way(view, 1, 0x71f, 2)).isEqualTo(3);
        assertThat(way(view, 1, 0x71e, 2)).isEqualTo(2);
        assertThat(way(view, 1, 0, 3)).isEqualTo(3);
    }

    @Test
    void refusalsAndTablesWithoutRoute() {
        PolicyRule prohibit = new PolicyRule(
                IpAddress.Family.IPV4,
                3,
                ANY,
                0,
                IpAddress.of("203.0.113.0"),
                24,
                0,
                0,
                0,
                PolicyRule.Action.PROHIBIT,
                0,
                0,
                -1,
                false);
        NetworkView view = network()
                .add(rule(1, ANY, 0, 0, 0, 77))
                .add(prohibit)
                .add(rule(32766, ANY, 0, 0, 0, MAIN))
                .build();
        assertThat(view.route(IpAddress.of("203.0.113.1")).kind()).isEqualTo(NetworkView.Route.Kind.PROHIBIT);
        assertThat(view.route(IpAddress.of("203.0.114.1")).interfaceIndex()).isEqualTo(2);
    }

    @Test
    void withoutRulesTheMainTableIsAsked() {
        assertThat(way(network().build(), VIRTUAL.low(), 5, 3)).isEqualTo(2);
    }
}
