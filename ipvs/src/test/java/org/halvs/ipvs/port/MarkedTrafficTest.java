package org.halvs.ipvs.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.PacketBuffer;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.halvs.linux.StackGuard;
import org.junit.jupiter.api.Test;

class MarkedTrafficTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int SCTP = 132;
    private static final int ESP = 50;
    private static final int AH = 51;
    private static final long ALL = 0xffffffffL;
    private static final IpAddress VIP = IpAddress.of("192.0.2.80");
    private static final List<ServiceKey.FirewallMark> SERVICE =
            List.of(new ServiceKey.FirewallMark(IpAddress.Family.IPV4, 5));
    private static final NetworkView VIEW = NetworkView.builder()
            .add(new NetworkView.Interface(
                    3,
                    "eth1",
                    new MacAddress(0x02_00_00_00_00_01L),
                    1500,
                    List.of(
                            new NetworkView.InterfaceAddress(VIP, 32),
                            new NetworkView.InterfaceAddress(IpAddress.of("198.51.100.1"), 24))))
            .build();

    @Test
    void theGuardLearnsAddressesAndPortsOfRulesThatLeadToAService() {
        List<MarkRule> rules =
                List.of(rule("192.0.2.80", 32, 80, 80, 5), rule("192.0.2.80", 32, 443, 450, 5), other("192.0.2.80"));
        assertThat(MarkedTraffic.of(rules, SERVICE, NetworkView.EMPTY).served())
                .containsExactly(new StackGuard.Served(TCP, VIP, 80, 80), new StackGuard.Served(TCP, VIP, 443, 450));
        assertThat(MarkedTraffic.of(rules, List.of(), VIEW).served()).isEmpty();
    }

    @Test
    void aNetworkStandsForTheAddressesOfThisMachineInIt() {
        MarkRule everything =
                new MarkRule(0, network("192.0.2.0", 24), network("0.0.0.0", 0), 0, 65535, Optional.empty(), ALL, 5);
        assertThat(MarkedTraffic.of(List.of(everything), SERVICE, VIEW).served())
                .containsExactlyInAnyOrder(
                        new StackGuard.Served(TCP, VIP, 0, 65535),
                        new StackGuard.Served(UDP, VIP, 0, 65535),
                        new StackGuard.Served(SCTP, VIP, 0, 65535),
                        new StackGuard.Served(ESP, VIP, 0, 65535),
                        new StackGuard.Served(AH, VIP, 0, 65535));
    }

    @Test
    void rulesByInterfaceFollowTheNetworkAndWhatTheyMissGoesToTheStack() {
        MarkRule onEth1 = new MarkRule(
                TCP, network("192.0.2.80", 32), network("203.0.113.0", 24), 80, 80, Optional.of("eth+"), ALL, 5);
        MarkedTraffic marked = MarkedTraffic.of(List.of(onEth1), SERVICE, VIEW);
        PacketBuffer claimed = packet("203.0.113.9", 80, 3);
        PacketBuffer stranger = packet("198.51.100.9", 80, 3);
        PacketBuffer elsewhere = packet("203.0.113.9", 80, 4);
        PacketBuffer otherPort = packet("198.51.100.9", 81, 3);
        assertThat(marked.mark(claimed)).isEqualTo(5);
        assertThat(marked.mark(stranger)).isZero();
        assertThat(marked.mark(elsewhere)).isZero();
        assertThat(strayed(marked, claimed)).isFalse();
        assertThat(strayed(marked, stranger)).isTrue();
        assertThat(strayed(marked, elsewhere)).isTrue();
        assertThat(strayed(marked, otherPort)).isFalse();
        assertThat(MarkedTraffic.of(List.of(onEth1), SERVICE, NetworkView.EMPTY).mark(claimed))
                .isZero();
    }

    @Test
    void ipsecIsWithheldWithTheKeyExchangeAndBelongsToTheStackWhateverItsMark() {
        MarkRule keys = MarkRule.of(UDP, network("192.0.2.80", 32), 500, 500, 5);
        MarkRule esp = MarkRule.of(ESP, network("192.0.2.80", 32), 0, 65535, 5);
        assertThat(MarkedTraffic.of(List.of(keys), SERVICE, VIEW).served())
                .containsExactly(
                        new StackGuard.Served(UDP, VIP, 500, 500),
                        new StackGuard.Served(ESP, VIP, 0, 65535),
                        new StackGuard.Served(AH, VIP, 0, 65535));
        assertThat(MarkedTraffic.of(List.of(esp), SERVICE, VIEW).served()).isEmpty();
        PacketBuffer packet = packet("203.0.113.9", 80, 3);
        packet.segment().set(ValueLayout.JAVA_BYTE, 23, (byte) ESP);
        assertThat(strayed(MarkedTraffic.of(List.of(keys), SERVICE, VIEW), packet))
                .isTrue();
        assertThat(strayed(MarkedTraffic.of(List.of(keys, esp), SERVICE, VIEW), packet))
                .isTrue();
        assertThat(strayed(MarkedTraffic.of(List.of(esp), SERVICE, VIEW), packet))
                .isFalse();
    }

    private static boolean strayed(MarkedTraffic marked, PacketBuffer packet) {
        return marked.strayed(packet.segment(), packet.offset(), packet.length(), marked.mark(packet));
    }

    private static MarkRule rule(String destination, int length, int first, int last, long mark) {
        return MarkRule.of(TCP, network(destination, length), first, last, mark);
    }

    private static MarkRule other(String destination) {
        return rule(destination, 32, 22, 22, 6);
    }

    private static MarkRule.Network network(String address, int length) {
        return new MarkRule.Network(IpAddress.of(address), length);
    }

    private static PacketBuffer packet(String source, int port, int interfaceIndex) {
        ByteBuffer frame = ByteBuffer.allocate(54);
        frame.putShort(12, (short) 0x0800).put(14, (byte) 0x45).put(23, (byte) TCP);
        frame.put(26, IpAddress.of(source).bytes()).put(30, VIP.bytes()).putShort(36, (short) port);
        return new PacketBuffer().set(MemorySegment.ofArray(frame.array()), 0, 54, 0, 0, interfaceIndex);
    }
}
