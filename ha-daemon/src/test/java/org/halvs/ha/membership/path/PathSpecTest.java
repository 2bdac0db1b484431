package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.ha.config.Medium;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

class PathSpecTest {
    @Test
    void linesOfOneInterfaceAreOnePath() {
        Medium.Mcast group = new Medium.Mcast("eth1", IpAddress.of("239.1.2.3"), 700, 2, false);
        List<PathSpec> paths = PathSpec.of(List.of(
                new Medium.Ucast("eth0", IpAddress.of("10.0.0.1"), 694),
                new Medium.Serial("/dev/ttyS0", 19_200),
                new Medium.Ucast("eth0", IpAddress.of("10.0.0.2"), 694),
                new Medium.Ucast("eth0", IpAddress.of("10.0.0.2"), 694),
                new Medium.Bcast("eth1", 694),
                new Medium.Ucast("eth0", IpAddress.of("fd00::2"), 694),
                group));
        assertThat(paths).extracting(PathSpec::link).containsExactly("eth0", "eth1");
        assertThat(paths.get(0).ports()).hasSize(2);
        assertThat(paths.get(0).ports().get(0).destinations())
                .extracting(Object::toString)
                .containsExactly("10.0.0.1 port 694", "10.0.0.2 port 694");
        assertThat(paths.get(0).ports().get(1).destinations())
                .extracting(Object::toString)
                .containsExactly("fd00::2 port 694");
        assertThat(paths.get(1).ports()).extracting(PathSpec.PortSpec::port).containsExactly(694, 700);
        assertThat(paths.get(1).ports().get(1).groups()).containsExactly(group);
    }

    @Test
    void aSerialLineIsNoPath() {
        assertThat(PathSpec.of(List.of(new Medium.Serial("/dev/ttyS0", 19_200))))
                .isEmpty();
    }
}
