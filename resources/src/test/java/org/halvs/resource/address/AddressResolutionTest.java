package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.linux.AddressChange;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.MacAddress;
import org.halvs.linux.MemoryRtnetlink;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a request leaves open, and what has to change on a host for it. */
class AddressResolutionTest {
    private static final int LO = 1;
    private static final int ETH0 = 2;
    private static final int ETH1 = 3;

    private final MemoryRtnetlink host = new MemoryRtnetlink();

    @BeforeEach
    void host() {
        host.addLink(LO, "lo", new MacAddress(0));
        host.addLink(ETH0, "eth0", new MacAddress(0x02000000_0001L));
        host.addLink(ETH1, "eth1", new MacAddress(0x02000000_0002L));
        add(InterfaceAddress.of(LO, IpAddress.of("127.0.0.1"), 8));
        add(InterfaceAddress.of(ETH0, IpAddress.of("192.0.2.1"), 24));
        add(InterfaceAddress.of(ETH1, IpAddress.of("10.0.0.1"), 8));
        add(InterfaceAddress.of(ETH1, IpAddress.of("10.1.0.1"), 16));
        add(InterfaceAddress.of(ETH0, IpAddress.of("2001:db8::1"), 64));
    }

    private void add(InterfaceAddress address) {
        host.apply(List.of(new AddressChange.Add(address)));
    }

    private static AddressRequest request(AddressScript script, String argument) {
        return ((AddressRequest.Reading.Request) AddressRequest.read(script, List.of(argument))).request();
    }

    private FloatingAddress resolve(AddressScript script, String argument) {
        var resolved = new AddressResolution(HostNetwork.read(host)).resolve(request(script, argument));
        assertThat(resolved).isInstanceOf(AddressResolution.Resolved.Address.class);
        return ((AddressResolution.Resolved.Address) resolved).address();
    }

    private String unresolved(String argument) {
        var resolved = new AddressResolution(HostNetwork.read(host)).resolve(request(AddressScript.IPADDR2, argument));
        assertThat(resolved).isInstanceOf(AddressResolution.Resolved.Unresolved.class);
        return ((AddressResolution.Resolved.Unresolved) resolved).message();
    }

    @Test
    void theRouteGivesDeviceAndPrefix() {
        assertThat(resolve(AddressScript.IPADDR2, "192.0.2.10"))
                .isEqualTo(new FloatingAddress(
                        IpAddress.of("192.0.2.10"),
                        24,
                        "eth0",
                        Optional.empty(),
                        Optional.of(IpAddress.of("192.0.2.255"))));
        assertThat(resolve(AddressScript.IPADDR2, "192.0.2.10/32"))
                .isEqualTo(new FloatingAddress(
                        IpAddress.of("192.0.2.10"), 32, "eth0", Optional.empty(), Optional.empty()));
        assertThat(resolve(AddressScript.IPV6ADDR, "2001:db8::10").toString()).isEqualTo("2001:db8::10/64 on eth0");
    }

    @Test
    void theMostSpecificRouteWins() {
        assertThat(resolve(AddressScript.IPADDR2, "10.1.0.9").prefixLength()).isEqualTo(16);
        assertThat(resolve(AddressScript.IPADDR2, "10.2.0.9").prefixLength()).isEqualTo(8);
        assertThat(resolve(AddressScript.IPADDR2, "10.2.0.9").broadcast()).hasValue(IpAddress.of("10.255.255.255"));
    }

    @Test
    void whatIsGivenNeedsNoRoute() {
        FloatingAddress address = resolve(AddressScript.IPADDR2, "198.51.100.10/25/eth1:x/198.51.100.127");
        assertThat(address.toString()).isEqualTo("198.51.100.10/25 on eth1");
        assertThat(address.label()).hasValue("eth1:x");
        assertThat(address.broadcast()).hasValue(IpAddress.of("198.51.100.127"));
    }

    @Test
    void withoutRouteItSaysWhatToDo() {
        assertThat(unresolved("198.51.100.10/28"))
                .isEqualTo(
                        "no network of this host contains 198.51.100.10, so its interface and prefix are unknown; write"
                                + " them behind the address (IPaddr2::198.51.100.10/28/eth0) or give the host an"
                                + " address in that network");
        assertThat(unresolved("192.0.2.10//eth1"))
                .startsWith("no network of this host contains 192.0.2.10 by interface eth1");
        assertThat(unresolved("192.0.2.10/24/eth9"))
                .isEqualTo("interface eth9 for 192.0.2.10 does not exist here; there are lo, eth0, eth1");
    }

    @Test
    void ipaddrGivesOutTheFirstFreeLabels() {
        add(InterfaceAddress.of(ETH0, IpAddress.of("192.0.2.5"), 24).withLabel("eth0:1"));
        AddressResolution resolution = new AddressResolution(HostNetwork.read(host));
        List<String> labels = List.of("192.0.2.10", "192.0.2.11", "192.0.2.5", "192.0.2.12").stream()
                .map(text -> resolution.resolve(request(AddressScript.IPADDR, text)))
                .map(r -> ((AddressResolution.Resolved.Address) r)
                        .address()
                        .label()
                        .orElseThrow())
                .toList();
        assertThat(labels).containsExactly("eth0:0", "eth0:2", "eth0:1", "eth0:3");
    }

    @Test
    void copiesElsewhereAreRemovedAfterTheAdditionAndTheLoopbackCopyIsRemembered() {
        InterfaceAddress onLoopback =
                InterfaceAddress.of(LO, IpAddress.of("192.0.2.10"), 32).withLabel("lo:0");
        InterfaceAddress onEth1 = InterfaceAddress.of(ETH1, IpAddress.of("192.0.2.10"), 24);
        InterfaceAddress otherPrefix = InterfaceAddress.of(ETH0, IpAddress.of("192.0.2.10"), 32);
        List.of(onLoopback, onEth1, otherPrefix).forEach(this::add);
        AddressPlan.Step.Take take = (AddressPlan.Step.Take)
                AddressPlan.take(List.of(request(AddressScript.IPADDR2, "192.0.2.10/24/eth0")), HostNetwork.read(host))
                        .getFirst();
        assertThat(take.after())
                .containsExactly(
                        new AddressChange.Remove(onLoopback),
                        new AddressChange.Remove(onEth1),
                        new AddressChange.Remove(otherPrefix));
        assertThat(take.loopbackCopy()).hasValue(onLoopback);
    }

    @Test
    void givingUpLeavesTheLoopbackAlone() {
        InterfaceAddress onLoopback = InterfaceAddress.of(LO, IpAddress.of("192.0.2.10"), 32);
        InterfaceAddress onEth0 = InterfaceAddress.of(ETH0, IpAddress.of("192.0.2.10"), 24);
        List.of(onLoopback, onEth0).forEach(this::add);
        IpAddress vip = IpAddress.of("192.0.2.10");
        assertThat(AddressPlan.give(vip, Optional.of("eth0"), HostNetwork.read(host)))
                .containsExactly(new AddressChange.Remove(onEth0));
        assertThat(AddressPlan.give(vip, Optional.empty(), HostNetwork.read(host)))
                .containsExactly(new AddressChange.Remove(onEth0));
        assertThat(AddressPlan.give(vip, Optional.of("lo"), HostNetwork.read(host)))
                .containsExactly(new AddressChange.Remove(onLoopback), new AddressChange.Remove(onEth0));
    }

    @Test
    void tunnelsAndDummiesAreLeftAloneUnlessTheAddressBelongsThere() {
        Link tunnel = new Link(
                9,
                "tunl0",
                Optional.empty(),
                1480,
                true,
                true,
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.of("ipip"),
                768);
        Link dummy = new Link(
                10,
                "dummy0",
                Optional.of(new MacAddress(5)),
                1500,
                true,
                true,
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.of("dummy"),
                Link.ETHERNET);
        host.putLink(tunnel);
        host.putLink(dummy);
        InterfaceAddress onTunnel = InterfaceAddress.of(9, IpAddress.of("192.0.2.10"), 32);
        InterfaceAddress onDummy = InterfaceAddress.of(10, IpAddress.of("192.0.2.10"), 32);
        List.of(onTunnel, onDummy).forEach(this::add);
        AddressPlan.Step.Take take = (AddressPlan.Step.Take)
                AddressPlan.take(List.of(request(AddressScript.IPADDR2, "192.0.2.10/24/eth0")), HostNetwork.read(host))
                        .getFirst();
        assertThat(take.after()).isEmpty();
        IpAddress vip = IpAddress.of("192.0.2.10");
        assertThat(AddressPlan.give(vip, Optional.of("eth0"), HostNetwork.read(host)))
                .isEmpty();
        assertThat(AddressPlan.give(vip, Optional.of("tunl0"), HostNetwork.read(host)))
                .containsExactly(new AddressChange.Remove(onTunnel));
    }
}
