package org.halvs.ha.membership;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Message;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ByteArray;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * Lets only messages of this cluster's nodes pass. Stands directly above the transport: every message of every protocol above, with its sender, its receiver
 * and all headers, travels as the payload of an envelope
 *
 * <pre>  version 1 byte | key 1 byte | sequence 8 bytes | HMAC-SHA256 32 bytes | message</pre>
 *
 * whose signature covers everything else in it. Nothing of a message is interpreted before its signature is found right. Sequences count over one life of a
 * sender and are taken once ({@link ReplayWindow}); of a node that restarted nothing of its former life is taken any more. Thread-safe.
 *
 * <p>What this does not do: hide anything, or recognise, right after this node's own restart, what was recorded from a former life of a peer that has not
 * spoken since.
 */
final class MessageAuthenticator extends Protocol {
    /** JGroups wants a number for each protocol; those from 512 on are for applications. */
    static final short PROTOCOL_ID = 1540;

    private static final byte VERSION = 1;
    private static final int SIGNATURE_AT = 1 + 1 + Long.BYTES;
    private static final int MESSAGE_AT = SIGNATURE_AT + MessageSigner.SIGNATURE_BYTES;

    private final MessageSigner signer;
    private final NodeAddresses addresses;
    private final RefusalLog refusals;
    private final AtomicLong sequence = new AtomicLong();
    private final Map<String, Sender> senders = new HashMap<>();

    /** What is known of the current life of a node. */
    private static final class Sender {
        long incarnation;
        ReplayWindow window = new ReplayWindow();
    }

    MessageAuthenticator(MessageSigner signer, NodeAddresses addresses, RefusalLog refusals) {
        this.signer = signer;
        this.addresses = addresses;
        this.refusals = refusals;
        setId(PROTOCOL_ID);
    }

    @Override
    public @Nullable Object down(Message message) {
        if (message.getSrc() == null) {
            message.setSrc(local_addr);
        }
        Message envelope = new BytesMessage(message.getDest(), seal(serialize(message)));
        envelope.setFlag(message.getFlags(false), false);
        if (message.isFlagSet(Message.TransientFlag.DONT_LOOPBACK)) {
            envelope.setFlag(Message.TransientFlag.DONT_LOOPBACK);
        }
        return down_prot.down(envelope);
    }

    private static ByteArray serialize(Message message) {
        try {
            return Util.messageToBuffer(message);
        } catch (Exception e) {
            throw new IllegalStateException("can't serialise " + message, e);
        }
    }

    private byte[] seal(ByteArray message) {
        byte[] envelope = new byte[MESSAGE_AT + message.getLength()];
        ByteBuffer buffer = ByteBuffer.wrap(envelope);
        buffer.put(VERSION).put((byte) signer.signingKey()).putLong(sequence.incrementAndGet());
        buffer.put(MESSAGE_AT, message.getArray(), message.getOffset(), message.getLength());
        byte[] signature = signer.sign(signed(envelope, 0, envelope.length), 0, envelope.length);
        buffer.put(SIGNATURE_AT, signature);
        return envelope;
    }

    /** The envelope with zeros in place of the signature: what the signature is made over. */
    private static byte[] signed(byte[] envelope, int offset, int length) {
        byte[] copy = new byte[length];
        System.arraycopy(envelope, offset, copy, 0, length);
        java.util.Arrays.fill(copy, SIGNATURE_AT, MESSAGE_AT, (byte) 0);
        return copy;
    }

    @Override
    public @Nullable Object up(Message envelope) {
        Optional<Message> message = open(envelope);
        return message.isPresent() ? up_prot.up(message.get()) : null;
    }

    @Override
    public void up(MessageBatch batch) {
        for (Message envelope : batch) {
            up(envelope);
        }
    }

    private Optional<Message> open(Message envelope) {
        int length = envelope.getLength();
        byte[] array = envelope.hasArray() ? envelope.getArray() : new byte[0];
        if (!envelope.hasArray() || length <= MESSAGE_AT || array[envelope.getOffset()] != VERSION) {
            return refuse(Refusal.MALFORMED, envelope);
        }
        byte[] signed = signed(array, envelope.getOffset(), length);
        byte[] signature = new byte[MessageSigner.SIGNATURE_BYTES];
        System.arraycopy(array, envelope.getOffset() + SIGNATURE_AT, signature, 0, signature.length);
        int key = signed[1];
        if (!signer.knows(key)) {
            return refuse(Refusal.UNKNOWN_KEY, envelope);
        }
        if (!signer.verify(key, signature, signed, 0, length)) {
            return refuse(Refusal.WRONG_SIGNATURE, envelope);
        }
        Message message;
        try {
            message = Util.messageFromBuffer(signed, MESSAGE_AT, length - MESSAGE_AT);
        } catch (Exception e) {
            return refuse(Refusal.MALFORMED, envelope);
        }
        return admit(message, ByteBuffer.wrap(signed).getLong(2))
                .map(why -> refuse(why, message))
                .orElse(Optional.of(message));
    }

    /** Why a message that is rightly signed is not taken all the same; empty when it is. */
    private Optional<Refusal> admit(Message message, long number) {
        Address source = message.getSrc();
        Optional<String> node = source == null ? Optional.empty() : addresses.node(source);
        if (node.isEmpty()) {
            return Optional.of(Refusal.UNKNOWN_NODE);
        }
        long incarnation = NodeAddresses.incarnation(source);
        synchronized (senders) {
            Sender sender = senders.computeIfAbsent(node.get(), _ -> new Sender());
            if (incarnation < sender.incarnation) {
                return Optional.of(Refusal.FORMER_LIFE);
            }
            if (incarnation > sender.incarnation) {
                sender.incarnation = incarnation;
                sender.window = new ReplayWindow();
            }
            return sender.window.accept(number) ? Optional.empty() : Optional.of(Refusal.REPLAYED);
        }
    }

    private Optional<Message> refuse(Refusal why, Message message) {
        Address source = message.getSrc();
        String origin = source == null ? "nobody" : addresses.node(source).orElse("an unknown node");
        refusals.refuse(why, origin, System.nanoTime());
        return Optional.empty();
    }
}
