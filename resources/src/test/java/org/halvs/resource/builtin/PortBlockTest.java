package org.halvs.resource.builtin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.linux.PortBlock;
import org.halvs.resource.ActionResult;
import org.junit.jupiter.api.Test;

/** Ports really blocked, in a namespace of their own. */
class PortBlockTest {

    @Test
    void packetsForThePortsAreDroppedBetweenBlockAndUnblock() throws Exception {
        Optional<String> missing = Lab.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
        try (Lab lab = Lab.open()) {
            Host host = lab.host("host");
            PortBlocks blocks = lab.with(new PortBlocks(() -> open(host)));
            PortBlockAgent block = new PortBlockAgent(List.of("tcp", "80,443", "block", "127.0.0.1"), blocks);
            PortBlockAgent unblock = new PortBlockAgent(List.of("tcp", "80,443", "unblock", "127.0.0.1"), blocks);
            assertThat(refused(host, 80)).isTrue();
            assertThat(block.start()).isEqualTo(ActionResult.done());
            assertThat(refused(host, 80)).isFalse();
            assertThat(refused(host, 81)).isTrue();
            assertThat(unblock.start()).isEqualTo(ActionResult.done());
            assertThat(refused(host, 443)).isTrue();
            assertThat(unblock.stop()).isEqualTo(ActionResult.done());
            assertThat(refused(host, 443)).isFalse();
            assertThat(block.stop()).isEqualTo(ActionResult.done());
            assertThat(refused(host, 80)).isTrue();
            assertThat(host.run("nft", "list", "ruleset")).isBlank();
        }
    }

    private static PortBlock open(Host host) {
        try {
            return host.call(PortBlock::open);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the stack answers with a reset, since nobody listens; a dropped packet gets no answer. */
    private static boolean refused(Host host, int port) {
        return host.execute("timeout", "1", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + port)
                .output()
                .contains("refused");
    }
}
