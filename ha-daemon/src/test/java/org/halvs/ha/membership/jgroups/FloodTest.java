package org.halvs.ha.membership.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import org.halvs.ha.membership.path.NodeId;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody on the heartbeat network sends to udpport whatever he can, as fast as he can. Needs root. */
class FloodTest {
    private static final String FAST = "keepalive 100ms\ndeadtime 500ms\n";
    private static final String UCAST = "ucast eth0 10.9.0.1\nucast eth0 10.9.0.2\n";
    private static final int PORT = 694;
    private static final long FLOOD_MILLIS = 4_000;

    private Lab lab;
    private Host alice;
    private Host bob;
    private Host mallory;

    /** What is sent. */
    enum Kind {
        GARBAGE,
        /** The header of a message of alice, without her key. */
        FORGED,
        /** Likewise, as long as a datagram can be: a signature over it takes longest. */
        FORGED_AND_LONG
    }

    @BeforeEach
    void wire() {
        Optional<String> missing = Lab.missing();
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        lab = Lab.open();
        Switch lan = lab.ethernetSwitch("lan");
        alice = lab.host("alice");
        bob = lab.host("bob");
        mallory = lab.host("mallory");
        lan.plug(alice, "eth0", "10.9.0.1/24");
        lan.plug(bob, "eth0", "10.9.0.2/24");
        lan.plug(mallory, "eth0", "10.9.0.3/24");
    }

    @AfterEach
    void unwire() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void heartbeatsAreHeardThroughAFlood(Kind kind) throws Exception {
        Member one = Member.start(alice, "alice", FAST + UCAST, Member.KEYS);
        Member two = Member.start(bob, "bob", FAST + UCAST, Member.KEYS);
        one.awaitView("alice,bob");
        two.awaitView("alice,bob");
        long sent = mallory.call(() -> flood(kind));
        Thread.sleep(600); // what is late by more than deadtime would be told by now
        assertThat(one.running.output() + two.running.output())
                .as("%d datagrams of %s", sent, kind)
                .doesNotContain("departed")
                .doesNotContain("link bob:eth0 dead")
                .doesNotContain("link alice:eth0 dead");
    }

    private static long flood(Kind kind) throws IOException {
        Random random = new Random(1);
        byte[] bytes = new byte[kind == Kind.FORGED_AND_LONG ? 60_000 : 200];
        random.nextBytes(bytes);
        long sent = 0;
        try (DatagramSocket socket = new DatagramSocket()) {
            DatagramPacket packet = new DatagramPacket(bytes, bytes.length, InetAddress.getByName("10.9.0.2"), PORT);
            for (long end = System.currentTimeMillis() + FLOOD_MILLIS; System.currentTimeMillis() < end; sent++) {
                if (kind != Kind.GARBAGE) {
                    ByteBuffer.wrap(bytes)
                            .put((byte) 2)
                            .put((byte) 0)
                            .put((byte) 1)
                            .put((byte) 0)
                            .putLong(NodeId.key("alice"))
                            .putLong(random.nextLong())
                            .putLong(random.nextLong());
                }
                socket.send(packet);
            }
        }
        return sent;
    }
}
