package org.halvs.ha.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ha.config.Authkeys;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.jgroups.protocols.UnicastHeader;
import org.jgroups.stack.Protocol;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MessageAuthenticatorTest {
    private static final List<String> NODES = List.of("alice", "bob");
    private static final short SOME_HEADER = 80;

    /** A node's protocol between a network that only notes what is sent and a stack that only notes what arrives. */
    private static final class Endpoint {
        final List<Message> sent = new ArrayList<>();
        final List<Message> received = new ArrayList<>();
        final RefusalLog refusals = new RefusalLog();
        final MessageAuthenticator authenticator;

        Endpoint(String node, long incarnation, Authkeys keys) {
            authenticator = new MessageAuthenticator(new MessageSigner(keys), new NodeAddresses(NODES), refusals);
            authenticator.setAddress(NodeAddresses.address(node, incarnation));
            authenticator.setDownProtocol(new Protocol() {
                @Override
                public @Nullable Object down(Message message) {
                    sent.add(message);
                    return null;
                }
            });
            authenticator.setUpProtocol(new Protocol() {
                @Override
                public @Nullable Object up(Message message) {
                    received.add(message);
                    return null;
                }
            });
        }

        Message send(String text) {
            Message message = new BytesMessage(null, text.getBytes(StandardCharsets.UTF_8))
                    .setFlag(Message.Flag.OOB)
                    .putHeader(SOME_HEADER, UnicastHeader.createDataHeader(7, (short) 3, true));
            authenticator.down(message);
            return sent.getLast();
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

    private static Message withBytes(byte[] bytes) {
        return new BytesMessage(null, bytes);
    }

    private static byte[] bytes(Message envelope) {
        return java.util.Arrays.copyOfRange(
                envelope.getArray(), envelope.getOffset(), envelope.getOffset() + envelope.getLength());
    }

    @Test
    void aMessageArrivesAsItWasSent() {
        Endpoint alice = new Endpoint("alice", 1, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        Message envelope = alice.send("hello");
        assertThat(new String(bytes(envelope), StandardCharsets.ISO_8859_1)).doesNotContain("secret");
        MessageBatch batch = new MessageBatch(1);
        batch.add(envelope);
        bob.authenticator.up(batch);
        assertThat(bob.received).singleElement().satisfies(message -> {
            assertThat(new String(bytes(message), StandardCharsets.UTF_8)).isEqualTo("hello");
            assertThat(message.getSrc()).isEqualTo(NodeAddresses.address("alice", 1));
            assertThat(message.isFlagSet(Message.Flag.OOB)).isTrue();
            UnicastHeader header = message.getHeader(SOME_HEADER);
            assertThat(header.seqno()).isEqualTo(7);
        });
        assertThat(bob.refusals.totals()).isEmpty();
    }

    @Test
    void aRecordedMessageIsTakenOnce() {
        Endpoint alice = new Endpoint("alice", 1, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        byte[] recorded = bytes(alice.send("take the address"));
        bob.authenticator.up(withBytes(recorded));
        bob.authenticator.up(withBytes(recorded));
        assertThat(bob.received).hasSize(1);
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.REPLAYED, 1L));
    }

    @Test
    void aFormerLifeIsOver() {
        Endpoint former = new Endpoint("alice", 1, keys(1, "secret"));
        Endpoint alice = new Endpoint("alice", 2, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        byte[] recorded = bytes(former.send("first"));
        bob.authenticator.up(alice.send("second"));
        bob.authenticator.up(withBytes(recorded));
        assertThat(bob.received).hasSize(1);
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.FORMER_LIFE, 1L));
    }

    @Test
    void everyByteIsCovered() {
        Endpoint alice = new Endpoint("alice", 1, keys(1, "secret"));
        byte[] good = bytes(alice.send("hello"));
        for (int i = 0; i < good.length; i++) {
            Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
            byte[] bad = good.clone();
            bad[i] ^= 1;
            bob.authenticator.up(withBytes(bad));
            assertThat(bob.received).as("byte %d", i).isEmpty();
        }
    }

    @Test
    void garbageIsRefused() {
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        java.util.Random random = new java.util.Random(5);
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            if (bytes.length > 1 && random.nextBoolean()) {
                bytes[0] = 1;
                bytes[1] = 1;
            }
            bob.authenticator.up(withBytes(bytes));
        }
        assertThat(bob.received).isEmpty();
    }

    @Test
    void anotherSecretIsRefused() {
        Endpoint mallory = new Endpoint("alice", 1, keys(1, "guess"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        bob.authenticator.up(mallory.send("hello"));
        assertThat(bob.received).isEmpty();
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.WRONG_SIGNATURE, 1L));
    }

    @Test
    void aNodeThatIsNotListedIsRefused() {
        Endpoint carol = new Endpoint("carol", 1, keys(1, "secret"));
        Endpoint bob = new Endpoint("bob", 1, keys(1, "secret"));
        bob.authenticator.up(carol.send("hello"));
        assertThat(bob.refusals.totals()).containsOnly(Map.entry(Refusal.UNKNOWN_NODE, 1L));
    }

    /** Old: only key 1. Step 1: both list 1 and 2. Step 2: one signs with 2. Nothing is lost on the way. */
    @Test
    void keysRollOver() {
        Endpoint old = new Endpoint("alice", 1, keys(1, "old", "new"));
        Endpoint rolled = new Endpoint("bob", 1, keys(2, "old", "new"));
        Endpoint late = new Endpoint("bob", 2, keys(1, "old"));
        rolled.authenticator.up(old.send("1"));
        old.authenticator.up(rolled.send("2"));
        late.authenticator.up(old.send("3"));
        assertThat(rolled.received).hasSize(1);
        assertThat(old.received).hasSize(1);
        assertThat(late.received).hasSize(1);
        late.authenticator.up(withBytes(bytes(rolled.send("4"))));
        assertThat(late.refusals.totals()).containsOnly(Map.entry(Refusal.UNKNOWN_KEY, 1L));
    }
}
