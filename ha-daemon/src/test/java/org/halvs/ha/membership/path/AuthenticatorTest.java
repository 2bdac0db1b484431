package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.membership.path.Authenticator.Kind;
import org.junit.jupiter.api.Test;

class AuthenticatorTest {
    private static final List<String> NODES = List.of("alice", "bob");

    /** A node that seals and opens. */
    private static final class Endpoint {
        final RefusalLog refusals = new RefusalLog();
        final Authenticator authenticator;

        Endpoint(String node, long incarnation, Authkeys keys) {
            this(node, incarnation, keys, NODES);
        }

        Endpoint(String node, long incarnation, Authkeys keys, List<String> nodes) {
            authenticator = new Authenticator(new MessageSigner(keys), new Roster(nodes, node), incarnation, refusals);
        }

        byte[] send(String text) {
            byte[] payload = text.getBytes(StandardCharsets.UTF_8);
            byte[] datagram = new byte[Authenticator.PAYLOAD_AT + payload.length];
            System.arraycopy(payload, 0, datagram, Authenticator.PAYLOAD_AT, payload.length);
            assertThat(authenticator.seal(datagram, Kind.MESSAGE, payload.length))
                    .isEqualTo(datagram.length);
            return datagram;
        }

        boolean takes(byte[] datagram) {
            return authenticator.open(datagram, datagram.length, true, 0);
        }
    }

    private static Authkeys keys(int signing, String... secrets) {
        Map<Integer, Authkeys.Key> keys = new LinkedHashMap<>();
        for (int i = 0; i < secrets.length; i++) {
            if (!secrets[i].isEmpty()) {
                keys.put(i + 1, new Authkeys.Key(i + 1, Authkeys.Method.SHA1, secrets[i]));
            }
        }
        return new Authkeys(signing, keys);
    }

    @Test
    void aDatagramArrivesAsItWasSent() {
        Endpoint alice = new Endpoint("alice", 7, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        byte[] datagram = alice.send("hello");
        assertThat(new String(datagram, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
        assertThat(bob.takes(datagram)).isTrue();
        assertThat(bob.authenticator.kind()).isEqualTo(Kind.MESSAGE);
        assertThat(bob.authenticator.sender()).isZero();
        assertThat(bob.authenticator.incarnation(0)).isEqualTo(7);
        assertThat(new String(datagram, Authenticator.PAYLOAD_AT, 5, StandardCharsets.UTF_8))
                .isEqualTo("hello");
        assertThat(bob.refusals.totals()).isEmpty();
    }

    @Test
    void aCopyOnAnotherPathIsTakenOnceAndIsNoAttack() {
        Endpoint alice = new Endpoint("alice", 1, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        byte[] datagram = alice.send("take the address");
        assertThat(bob.takes(datagram)).isTrue();
        assertThat(bob.takes(datagram)).isFalse();
        assertThat(bob.refusals.totals()).isEmpty();
    }

    @Test
    void aRecordedDatagramIsRefusedForEver() {
        Endpoint alice = new Endpoint("alice", 1, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        byte[] recorded = alice.send("take the address");
        assertThat(bob.takes(recorded)).isTrue();
        for (int i = 0; i < 10_000; i++) {
            assertThat(bob.takes(alice.send("go on"))).isTrue();
        }
        assertThat(bob.takes(recorded)).isFalse();
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.REPLAYED, 1L));
    }

    @Test
    void aFormerLifeIsOver() {
        Endpoint former = new Endpoint("alice", 1, keys(1, "secret"));
        Endpoint alice = new Endpoint("alice", 2, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        byte[] recorded = former.send("first");
        assertThat(bob.takes(alice.send("second"))).isTrue();
        assertThat(bob.takes(recorded)).isFalse();
        assertThat(bob.authenticator.incarnation(0)).isEqualTo(2);
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.FORMER_LIFE, 1L));
    }

    @Test
    void everyByteIsCovered() {
        byte[] good = new Endpoint("alice", 1, keys(1, "secret")).send("hello");
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
            assertThat(bob.takes(bad)).as("byte %d", i).isFalse();
            assertThat(bob.takes(good)).as("after byte %d", i).isTrue();
        }
    }

    @Test
    void garbageIsRefused() {
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        byte[] good = new Endpoint("alice", 1, keys(1, "secret")).send("hello");
        Random random = new Random(5);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            System.arraycopy(good, 0, bytes, 0, Math.min(bytes.length, random.nextInt(Authenticator.PAYLOAD_AT)));
            assertThat(bob.takes(bytes)).isFalse();
        }
    }

    @Test
    void anotherSecretIsRefused() {
        Endpoint mallory = new Endpoint("alice", 1, keys(1, "guess"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        assertThat(bob.takes(mallory.send("hello"))).isFalse();
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.WRONG_SIGNATURE, 1L));
    }

    /** Else a guess with a high incarnation or sequence would shut out the node it claims to be. */
    @Test
    void whatIsRefusedChangesNothing() {
        Endpoint mallory = new Endpoint("alice", Long.MAX_VALUE, keys(1, "guess"));
        Endpoint alice = new Endpoint("alice", 1, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        assertThat(bob.takes(mallory.send("hello"))).isFalse();
        assertThat(bob.takes(alice.send("hello"))).isTrue();
    }

    @Test
    void aNodeThatIsNotListedIsRefused() {
        Endpoint carol = new Endpoint("carol", 1, keys(1, "secret"), List.of("alice", "bob", "carol"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        assertThat(bob.takes(carol.send("hello"))).isFalse();
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.UNKNOWN_NODE, 1L));
    }

    @Test
    void anotherMachineOfTheSameNameIsReported() {
        Endpoint twin = new Endpoint("bob", 2, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        assertThat(bob.takes(bob.send("my own broadcast"))).isFalse();
        assertThat(bob.refusals.totals()).isEmpty();
        assertThat(bob.takes(twin.send("hello"))).isFalse();
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.OWN_NAME, 1L));
    }

    /** Old: only key 1. Step 1: both list 1 and 2. Step 2: one signs with 2. Nothing is lost on the way. */
    @Test
    void keysRollOver() {
        Endpoint old = new Endpoint("alice", 1, keys(1, "old", "new"));
        Endpoint rolled = new Endpoint("bob", 1, keys(2, "old", "new"));
        Endpoint late = new Endpoint("bob", 2, keys(1, "old"));
        assertThat(rolled.takes(old.send("1"))).isTrue();
        assertThat(old.takes(rolled.send("2"))).isTrue();
        assertThat(late.takes(old.send("3"))).isTrue();
        Endpoint renewed = new Endpoint("alice", 1, keys(2, "old", "new"));
        assertThat(late.takes(renewed.send("4"))).isFalse();
    }

    @Test
    void aKeyThatIsNotListedIsNamed() {
        Endpoint alice = new Endpoint("alice", 1, keys(2, "", "new"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "old"));
        byte[] datagram = alice.send("4");
        assertThat(bob.takes(Arrays.copyOf(datagram, datagram.length))).isFalse();
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.UNKNOWN_KEY, 1L));
    }
}
