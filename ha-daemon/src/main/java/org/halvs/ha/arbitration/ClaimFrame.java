package org.halvs.ha.arbitration;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimState;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.linux.MacAddress;

/**
 * A question of one daemon to all others on a network, or the answer to one. It travels in Ethernet frames of its own type, next to ARP: no packet filter of a
 * host and no missing address keeps it from a daemon that lives.
 *
 * @param nonce of the question; an answer repeats it
 * @param node who sends it
 * @param answers what it has to do with each group, by {@link #number} of the group's key
 */
record ClaimFrame(boolean question, long nonce, String node, long incarnation, Map<Long, ClaimAnswer> answers) {
    /** The second of the types IEEE 802 leaves to local experiments. */
    static final int ETHERTYPE = 0x88b6;

    /** What fits a frame of 1,500 bytes with a long node name. */
    static final int MOST_GROUPS = 50;

    private static final int MAGIC = 0x48565343; // HVSC
    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 14;
    private static final int LONGEST_NAME = 120;
    private static final int MOST_BYTES = 1_514;

    ClaimFrame {
        answers = Map.copyOf(answers);
    }

    /** A group's key as a number. */
    static long number(String group) {
        return TakeoverRules.hash(group);
    }

    /** From the Ethernet header on, signed. */
    byte[] bytes(MacAddress destination, MacAddress source, ClaimSigner signer) {
        byte[] name = node.getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_NAME || answers.size() > MOST_GROUPS) {
            throw new IllegalArgumentException(answers.size() + " groups of " + node + " do not fit a frame");
        }
        ByteBuffer out = ByteBuffer.allocate(MOST_BYTES)
                .put(destination.bytes())
                .put(source.bytes())
                .putShort((short) ETHERTYPE)
                .putInt(MAGIC)
                .put(VERSION)
                .put((byte) (question ? 0 : 1))
                .putLong(nonce)
                .put((byte) name.length)
                .put(name)
                .putLong(incarnation)
                .put((byte) answers.size());
        answers.forEach((group, answer) -> out.putLong(group)
                .put((byte) answer.state().ordinal())
                .putLong(answer.heldMillis())
                .putLong(answer.configHash()));
        byte[] signature = signer.sign(out.array(), HEADER_BYTES, out.position() - HEADER_BYTES);
        out.put((byte) signer.signingKey()).put(signature);
        byte[] frame = new byte[out.position()];
        out.flip().get(frame);
        return frame;
    }

    /** Empty for anything that is not such a frame, whole and signed. */
    static Optional<ClaimFrame> parse(byte[] frame, ClaimSigner signer) {
        try {
            ByteBuffer in = ByteBuffer.wrap(frame);
            in.position(HEADER_BYTES);
            if (in.getInt() != MAGIC || in.get() != VERSION) {
                return Optional.empty();
            }
            boolean question = in.get() == 0;
            long nonce = in.getLong();
            byte[] name = new byte[Math.min(LONGEST_NAME, Byte.toUnsignedInt(in.get()))];
            in.get(name);
            long incarnation = in.getLong();
            int count = Byte.toUnsignedInt(in.get());
            Map<Long, ClaimAnswer> answers = new LinkedHashMap<>();
            for (int i = 0; i < Math.min(count, MOST_GROUPS); i++) {
                long group = in.getLong();
                int state = Byte.toUnsignedInt(in.get());
                ClaimState said = state < ClaimState.values().length ? ClaimState.values()[state] : ClaimState.HAS;
                answers.put(group, new ClaimAnswer(said, in.getLong(), in.getLong()));
            }
            int signed = in.position() - HEADER_BYTES;
            int key = Byte.toUnsignedInt(in.get());
            byte[] signature = new byte[ClaimSigner.SIGNATURE_BYTES];
            in.get(signature);
            return signer.verify(key, signature, frame, HEADER_BYTES, signed)
                    ? Optional.of(new ClaimFrame(
                            question, nonce, new String(name, StandardCharsets.UTF_8), incarnation, answers))
                    : Optional.empty();
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
