package org.halvs.ipvs.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.forward.WithheldTraffic;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.linux.BpfFilter;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.junit.jupiter.api.Test;

class TrafficFilterTest {
    @Test
    void servicesOfOneAddressShareItsInstructions() {
        TrafficFilter one = TrafficFilter.of(serving("192.0.2.1", 80), List.of());
        TrafficFilter two = TrafficFilter.of(
                new WithheldTraffic(List.of(served("192.0.2.1", 80), served("192.0.2.1", 443)), List.of(), List.of()),
                List.of());
        assertThat(two).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(two).isNotEqualTo(TrafficFilter.of(serving("192.0.2.2", 80), List.of()));
        assertThat(TrafficFilter.of(WithheldTraffic.NOTHING, List.of())).isEqualTo(TrafficFilter.NOTHING);
    }

    @Test
    void firewallMarksNeedThePacketsTheirRulesCover() {
        WithheldTraffic marked = new WithheldTraffic(
                List.of(), List.of(new ServiceKey.FirewallMark(IpAddress.Family.IPV4, 1)), List.of());
        assertThat(TrafficFilter.of(marked, List.of()))
                .as("without rules no packet has a mark")
                .isEqualTo(TrafficFilter.NOTHING);
        assertThat(TrafficFilter.of(marked, List.of(MarkRule.Network.all(IpAddress.Family.IPV4))))
                .isEqualTo(TrafficFilter.EVERYTHING);
        TrafficFilter network = TrafficFilter.of(marked, List.of(network("192.0.2.77", 24)));
        assertThat(network).isEqualTo(TrafficFilter.of(marked, List.of(network("192.0.2.0", 24))));
        assertThat(network).isNotEqualTo(TrafficFilter.of(marked, List.of(network("192.0.2.0", 25))));
        assertThat(network.program(0, 1500).size())
                .isLessThanOrEqualTo(
                        TrafficFilter.of(marked, List.of(network("192.0.2.0", 24), network("2001:db8::", 40)))
                                .program(0, 1500)
                                .size());
    }

    private static MarkRule.Network network(String address, int length) {
        return new MarkRule.Network(IpAddress.of(address), length);
    }

    @Test
    void asManyAddressesAsFitAreListedAndMoreMeanEverything() {
        List<WithheldTraffic.Served> served = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            served.add(served("2001:db8::" + Integer.toHexString(i + 1), 80));
        }
        TrafficFilter full = TrafficFilter.of(new WithheldTraffic(served, List.of(), List.of()), List.of());
        assertThat(full.program(0, 1500).size()).isLessThanOrEqualTo(BpfFilter.MAX_INSTRUCTIONS);
        served.add(served("2001:db8:1::1", 80));
        assertThat(TrafficFilter.of(new WithheldTraffic(served, List.of(), List.of()), List.of()))
                .isEqualTo(TrafficFilter.EVERYTHING);
    }

    @Test
    void framesToOtherMachinesCostFiveInstructionsEach() {
        TrafficFilter plain = TrafficFilter.of(serving("192.0.2.1", 80), List.of());
        TrafficFilter one = plain.alsoTo(Set.of(new MacAddress(1)));
        assertThat(one).isNotEqualTo(plain);
        assertThat(one.alsoTo(Set.of())).isEqualTo(plain);
        int size = one.program(0, 1500).size();
        assertThat(plain.alsoTo(Set.of(new MacAddress(1), new MacAddress(2)))
                        .program(0, 1500)
                        .size())
                .isEqualTo(size + 5);
    }

    private static WithheldTraffic serving(String address, int port) {
        return new WithheldTraffic(List.of(served(address, port)), List.of(), List.of());
    }

    private static WithheldTraffic.Served served(String address, int port) {
        return new WithheldTraffic.Served(Protocol.TCP, IpAddress.of(address), port, port);
    }
}
