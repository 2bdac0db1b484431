package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.MacAddress;
import org.halvs.linux.MemoryRtnetlink;
import org.junit.jupiter.api.Test;

class AddressDriftTest {
    private static final FloatingAddress VIP =
            new FloatingAddress(IpAddress.of("192.0.2.10"), 24, "eth0", Optional.empty(), Optional.empty());

    private static Link link(int index, String mac, boolean up, boolean carrier) {
        MemoryRtnetlink host = new MemoryRtnetlink();
        host.addLink(index, "eth0", MacAddress.parse(mac).orElseThrow());
        Link made = host.links().getFirst();
        return new Link(
                index,
                made.name(),
                made.mac(),
                made.mtuBytes(),
                up,
                carrier,
                false,
                made.masterIndex(),
                made.parentIndex(),
                made.kind(),
                made.hardwareType());
    }

    private static final Link HERE = link(2, "02:00:00:00:00:01", true, true);

    private static AddressDrift drift(Link before, Link now, boolean there, Integer... notified) {
        List<InterfaceAddress> addresses = there ? List.of(VIP.on(now.index())) : List.of();
        return AddressDrift.of(
                List.of(new AddressDrift.Placed(VIP, Optional.of(before))),
                new HostNetwork(List.of(now), addresses, List.of()),
                Set.of(notified));
    }

    @Test
    void nothingToDoWhereNothingChanged() {
        assertThat(drift(HERE, HERE, true)).isEqualTo(new AddressDrift(List.of(), List.of()));
    }

    @Test
    void anAddressThatIsGoneIsMissingUnlessItsInterfaceIsDown() {
        assertThat(drift(HERE, HERE, false).missing()).hasSize(1);
        assertThat(drift(HERE, link(2, "02:00:00:00:00:01", false, false), false)
                        .missing())
                .isEmpty();
        assertThat(drift(HERE, link(2, "02:00:00:00:00:01", true, false), false).missing())
                .hasSize(1);
    }

    @Test
    void whatMayHaveMovedAMacIsAnnounced() {
        assertThat(drift(HERE, link(2, "02:00:00:00:00:02", true, true), true).moved())
                .as("another MAC")
                .hasSize(1);
        assertThat(drift(link(2, "02:00:00:00:00:01", true, false), HERE, true).moved())
                .as("the carrier has returned")
                .hasSize(1);
        assertThat(drift(HERE, link(2, "02:00:00:00:00:01", true, false), true).moved())
                .as("the carrier has gone")
                .isEmpty();
        assertThat(drift(HERE, link(7, "02:00:00:00:00:01", true, true), true).moved())
                .as("another interface of the same name")
                .hasSize(1);
        assertThat(drift(HERE, HERE, true, 2).moved())
                .as("a bond has changed its port")
                .hasSize(1);
        assertThat(drift(HERE, HERE, true, 3).moved())
                .as("somebody else's bond")
                .isEmpty();
    }
}
