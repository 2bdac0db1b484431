package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.halvs.ha.config.Authkeys;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private static final Authkeys KEYS = new Authkeys(1, Map.of(1, new Authkeys.Key(1, Authkeys.Method.CRC, "")));
    private static final Roster ALICES = new Roster(List.of("alice", "bob", "carol"), "alice");
    private static final int BOB = 0;

    private final Heartbeat heartbeat = new Heartbeat();
    private final ByteBuffer bytes = ByteBuffer.allocate(Heartbeat.LONGEST);

    private static final PathMonitor.Observer NOBODY = new PathMonitor.Observer() {
        @Override
        public void linkUp(int peer, int path) {
            // not of interest here
        }

        @Override
        public void linkDown(int peer, int path) {
            // not of interest here
        }

        @Override
        public void late(int peer, long intervalNanos, long deadtimeNanos) {
            // not of interest here
        }

        @Override
        public void overdue(int peer) {}

        @Override
        public void silent(int peer) {
            // not of interest here
        }

        @Override
        public void oneWay(int peer, boolean notHeard) {
            // not of interest here
        }
    };

    /** Alice, who hears life 7 of bob on the second of two paths, and carol nowhere. */
    private void alice(int path, Optional<GroupView> view) {
        Authenticator lives = new Authenticator(new MessageSigner(KEYS), ALICES, 3, new RefusalLog());
        byte[] fromBob = new byte[Authenticator.PAYLOAD_AT];
        int length = new Authenticator(
                        new MessageSigner(KEYS),
                        new Roster(List.of("alice", "bob", "carol"), "bob"),
                        7,
                        new RefusalLog())
                .seal(fromBob, Authenticator.Kind.HEARTBEAT, 0);
        assertThat(lives.open(fromBob, length, true, 0)).isTrue();
        PathMonitor monitor = new PathMonitor(2, 2, 1, 1_000, 0, NOBODY);
        monitor.heard(BOB, 1, 1_000, true, 0);
        bytes.clear();
        Heartbeat.write(bytes, Heartbeat.LEAVING, 25, 100, ALICES, monitor, lives, view);
        Heartbeat.writePath(bytes, path, ALICES, monitor);
        assertThat(heartbeat.read(bytes, 0, bytes.position())).isTrue();
    }

    @Test
    void saysWhatWasWritten() {
        GroupView view = new GroupView(NodeId.of("bob", 7), 12, List.of(NodeId.of("bob", 7), NodeId.of("alice", 3)));
        alice(1, Optional.of(view));
        assertThat(heartbeat.has(Heartbeat.LEAVING)).isTrue();
        assertThat(heartbeat.has(Heartbeat.GONE)).isFalse();
        assertThat(heartbeat.deadtimeNanos()).isEqualTo(100_000_000);
        assertThat(heartbeat.view()).contains(view);
        assertThat(heartbeat.heard()).containsExactly(NodeId.of("bob", 7));
        assertThat(heartbeat.hears(NodeId.key("bob"), 7)).isTrue();
        assertThat(heartbeat.hears(NodeId.key("bob"), 6))
                .as("a former life of bob, who is told by whom a recorded heartbeat was heard")
                .isFalse();
        assertThat(heartbeat.hears(NodeId.key("carol"), 0)).isFalse();
        assertThat(heartbeat.hearsHere(NodeId.key("bob"))).isTrue();
    }

    @Test
    void onlyTheStateOfOnePathDiffersBetweenPaths() {
        alice(0, Optional.empty());
        byte[] common = heartbeat.common();
        assertThat(heartbeat.hearsHere(NodeId.key("bob"))).isFalse();
        assertThat(heartbeat.view()).isEmpty();
        alice(1, Optional.empty());
        assertThat(heartbeat.sameAs(common)).isTrue();
        alice(1, Optional.of(new GroupView(NodeId.of("alice", 3), 1, List.of(NodeId.of("alice", 3)))));
        assertThat(heartbeat.sameAs(common)).isFalse();
    }

    /** Rightly signed, but by another version or a fault of this one. */
    @Test
    void anyBytesAreReadWithoutAFault() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length > 9) {
                noise[9] = (byte) random.nextInt(5);
            }
            assertThatCode(() -> {
                        if (heartbeat.read(ByteBuffer.wrap(noise), 0, noise.length)) {
                            heartbeat.view();
                            heartbeat.heard();
                            heartbeat.common();
                            heartbeat.hears(1, 1);
                            heartbeat.hearsHere(1);
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }
}
