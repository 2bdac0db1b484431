package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServerOverride;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerOrderTest {
    private static ServerOrder order(String address, int port, ServerOverride order) {
        return new ServerOrder(
                new ServerAddress(IpAddress.of(address), port), Optional.ofNullable(order), 1_764_000_000_000L, "lb1");
    }

    @Test
    void anOrderIsALine() {
        for (ServerOrder order : new ServerOrder[] {
            order("10.0.0.1", 80, new ServerOverride.Drain()),
            order("2001:db8::1", 0, new ServerOverride.Weight(7)),
            new ServerOrder(new ServerAddress(IpAddress.of("10.0.0.1"), 80), Optional.empty(), 3, "lb2")
        }) {
            assertThat(ServerOrder.parse(order.line())).contains(order);
        }
        assertThat(order("2001:db8::1", 80, new ServerOverride.Drain()).name()).isEqualTo("[2001:db8::1]:80");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1 lb1 10.0.0.1 80",
                "x lb1 10.0.0.1 80 drain",
                "1 lb1 web 80 drain",
                "1 lb1 10.0.0.1 80 explode"
            })
    void whatIsNoneIsNoOrder(String line) {
        assertThat(ServerOrder.parse(line)).isEmpty();
    }
}
