package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.ha.config.Medium;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

class PathsToNodesTest {
    private static final IpAddress OWN = IpAddress.of("10.0.0.1");

    private static String obstacle(Medium... media) {
        return new PathsToNodes(List.of(media), OWN::equals).obstacle(2, List.of("carol"));
    }

    private static Medium ucast(String address) {
        return new Medium.Ucast("eth1", IpAddress.of(address), 694);
    }

    @Test
    void broadcastLeadsEverywhere() {
        assertThat(obstacle(new Medium.Bcast("eth0", 694))).isEmpty();
    }

    @Test
    void everyOtherNodeNeedsAUcastLine() {
        assertThat(obstacle(ucast("10.0.0.1"), ucast("10.0.0.2")))
                .isEqualTo("no path of ha.cf leads to carol: its ucast lines lead to 10.0.0.2 only;"
                        + " add \"ucast eth1 ADDRESS\" to ha.cf on every node, run halvs reload there, and try again");
        assertThat(obstacle(ucast("10.0.0.1"), ucast("10.0.0.2"), ucast("10.0.0.3")))
                .isEmpty();
    }
}
