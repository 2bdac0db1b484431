package org.halvs.ha.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.halvs.ha.membership.ViewId;
import org.junit.jupiter.api.Test;

class NodeStatusCodecTest {
    private static NodeStatus random(Random random) {
        List<GroupStatus> groups = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            groups.add(new GroupStatus(
                    "IPaddr2::192.0.2." + i + "/ü",
                    Claim.values()[random.nextInt(4)],
                    random.nextLong(),
                    random.nextInt(9),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    random.nextBoolean() ? "" : "eth0 has no carrier",
                    random.nextBoolean(),
                    random.nextBoolean()));
        }
        List<NodeStatus.Seen> seen = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            seen.add(new NodeStatus.Seen("n" + i, random.nextLong(), random.nextLong()));
        }
        return new NodeStatus(
                "alice",
                random.nextLong(),
                random.nextLong(),
                new ViewId("bob", random.nextLong()),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextLong(),
                random.nextInt(5) - 1,
                Map.of("haresources", random.nextLong(), "ldirectord.cf", random.nextLong()),
                groups,
                seen);
    }

    @Test
    void whatIsWrittenIsRead() {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            NodeStatus status = random(random);
            assertThat(NodeStatusCodec.decode(NodeStatusCodec.encode(status))).contains(status);
        }
    }

    @Test
    void anythingElseIsNothing() {
        Random random = new Random(2);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = NodeStatusCodec.encode(random(random));
            byte[] cut = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            assertThat(NodeStatusCodec.decode(cut)).isEmpty();
            byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 1);
            assertThat(NodeStatusCodec.decode(longer)).isEmpty();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            NodeStatusCodec.decode(bytes).ifPresent(NodeStatusCodec::encode);
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length > 0) {
                noise[0] = NodeStatusCodec.VERSION;
            }
            assertThat(NodeStatusCodec.decode(noise)).isEmpty();
        }
    }

    @Test
    void aThousandGroupsFitOneMessage() {
        List<GroupStatus> groups = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            groups.add(
                    new GroupStatus("IPaddr2::10.0." + i / 250 + "." + i % 250, Claim.HELD, 5, 0, false, false, false));
        }
        NodeStatus status = new NodeStatus(
                "alice", 1, 2, new ViewId("alice", 1), true, true, false, 3, 0, Map.of(), groups, List.of());
        assertThat(NodeStatusCodec.encode(status)).hasSizeLessThan(50_000);
    }

    @Test
    void aNameThatIsTooLongIsRefused() {
        GroupStatus group = new GroupStatus("x".repeat(1_025), Claim.HELD, 0, 0, false, false, false);
        NodeStatus status = new NodeStatus(
                "a", 1, 2, new ViewId("a", 1), true, true, false, 3, 0, Map.of(), List.of(group), List.of());
        assertThatThrownBy(() -> NodeStatusCodec.encode(status)).isInstanceOf(IllegalArgumentException.class);
    }
}
