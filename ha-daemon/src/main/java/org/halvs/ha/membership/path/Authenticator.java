package org.halvs.ha.membership.path;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The one envelope of everything the nodes send each other:
 *
 * <pre>  version 1 byte | kind 1 | key 1 | 0 | sender 16 | sequence 8 | HMAC-SHA256 32 | payload</pre>
 *
 * The signature covers everything else in it, and nothing of a payload is looked at before it was found right. Sequences count over one life of a sender and
 * are taken once ({@link ReplayWindow}), so that a datagram that comes on several paths counts as one; of a node that restarted nothing of its former life
 * is taken any more. Confined to one thread; makes no garbage for a datagram.
 *
 * <p>What this does not do: hide anything, or recognise, right after this node's own restart, what was recorded from a former life of a peer that has not
 * spoken since. That is why a heartbeat says which life of this node its sender hears: a recorded one names a former one.
 */
final class Authenticator {
    /** What a payload is. */
    enum Kind {
        /** A heartbeat that says what the one before it said. Nobody has to wake up for it. */
        HEARTBEAT,
        MESSAGE,
        LIFE_LINE,
        /** A heartbeat that says something new. */
        NEWS,
        /** A heartbeat that wants to be answered by one at once: its sender misses somebody's. */
        QUESTION
    }

    static final int PAYLOAD_AT = 60;

    /** No node sends more in one datagram. What is longer is not worth the time a signature over it takes. */
    static final int LONGEST = 16 << 10;

    private static final byte VERSION = 2;
    static final int KIND_AT = 1;
    private static final int KEY_AT = 2;
    static final int SENDER_AT = 4;
    private static final int INCARNATION_AT = 12;
    private static final int SEQUENCE_AT = 20;
    private static final int SIGNATURE_AT = 28;
    private static final Kind[] KINDS = Kind.values();
    /**
     * A copy that took another path is behind by what its sender sent in that time, which after a sleep of this node is what a socket's buffer holds. A
     * recorded one is behind by more sooner or later.
     */
    private static final long LATE_COPY = ReplayWindow.SIZE / 2;

    /** Set by any thread, used by the one that this is confined to. */
    private volatile MessageSigner signer;

    private Roster roster;
    private final long incarnation;
    private final RefusalLog refusals;
    private final StrangerBudget strangers = new StrangerBudget();
    private ReplayWindow[] windows;
    private long[] incarnations;
    private long sequence;
    private int sender;
    private Kind kind = Kind.HEARTBEAT;

    Authenticator(MessageSigner signer, Roster roster, long incarnation, RefusalLog refusals) {
        this.signer = signer;
        this.roster = roster;
        this.incarnation = incarnation;
        this.refusals = refusals;
        windows = new ReplayWindow[roster.size()];
        Arrays.setAll(windows, _ -> new ReplayWindow());
        incarnations = new long[roster.size()];
    }

    /** Other keys hold from the next datagram on. May be called from any thread; the signer is this one's alone. */
    void change(MessageSigner changed) {
        signer = changed;
    }

    /**
     * Other nodes are listened to from now on. What is known of those that stay is kept, so that nothing they said is taken twice.
     *
     * @param formerPeers for each peer its number until now, negative for a new one
     */
    void follow(Roster changed, int[] formerPeers) {
        ReplayWindow[] kept = new ReplayWindow[changed.size()];
        long[] lives = new long[changed.size()];
        for (int peer = 0; peer < kept.length; peer++) {
            boolean known = formerPeers[peer] >= 0;
            kept[peer] = known ? windows[formerPeers[peer]] : new ReplayWindow();
            lives[peer] = known ? incarnations[formerPeers[peer]] : 0;
        }
        roster = changed;
        windows = kept;
        incarnations = lives;
    }

    /** Puts the envelope around the payload that stands in {@code datagram} from {@link #PAYLOAD_AT} on; answers the length of the whole. */
    int seal(byte[] datagram, Kind what, int payloadLength) {
        MessageSigner now = signer;
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        buffer.put(VERSION)
                .put((byte) what.ordinal())
                .put((byte) now.signingKey())
                .put((byte) 0);
        buffer.putLong(roster.localKey()).putLong(incarnation).putLong(++sequence);
        int length = PAYLOAD_AT + payloadLength;
        now.sign(datagram, length, SIGNATURE_AT);
        return length;
    }

    /**
     * Whether a datagram is to be taken; {@link #sender} and {@link #kind} then speak of it.
     *
     * @param datagram whose first {@code length} bytes came from the network
     * @param knownHost whether it came from where a peer was heard; of others only as many are looked at as {@link StrangerBudget} allows
     */
    boolean open(byte[] datagram, int length, boolean knownHost, long nowNanos) {
        if (length < PAYLOAD_AT
                || length > LONGEST
                || datagram[0] != VERSION
                || datagram[KIND_AT] < 0
                || datagram[KIND_AT] >= KINDS.length) {
            return refuse(Refusal.MALFORMED, "nobody", nowNanos);
        }
        ByteBuffer buffer = ByteBuffer.wrap(datagram, 0, length);
        long key = buffer.getLong(SENDER_AT);
        long life = buffer.getLong(INCARNATION_AT);
        long number = buffer.getLong(SEQUENCE_AT);
        if (key == roster.localKey()) {
            return life != incarnation && mayCost(knownHost, nowNanos) && ownName(datagram, length, nowNanos);
        }
        int peer = roster.indexOf(key);
        if (peer == Roster.NOBODY) {
            return refuse(Refusal.UNKNOWN_NODE, "an unknown node", nowNanos);
        }
        boolean current = life == incarnations[peer];
        if (current && windows[peer].seen(number)) {
            return number < windows[peer].highest() - LATE_COPY
                    && refuse(Refusal.REPLAYED, roster.name(peer), nowNanos);
        }
        if (!mayCost(knownHost, nowNanos)) {
            return false;
        }
        MessageSigner now = signer;
        if (!now.knows(datagram[KEY_AT])) {
            return refuse(Refusal.UNKNOWN_KEY, roster.name(peer), nowNanos);
        }
        if (!now.verify(datagram[KEY_AT], datagram, length, SIGNATURE_AT)) {
            return refuse(Refusal.WRONG_SIGNATURE, roster.name(peer), nowNanos);
        }
        if (life < incarnations[peer]) {
            return refuse(Refusal.FORMER_LIFE, roster.name(peer), nowNanos);
        }
        if (!current) {
            incarnations[peer] = life;
            windows[peer] = new ReplayWindow();
        }
        sender = peer;
        kind = KINDS[datagram[KIND_AT]];
        return windows[peer].accept(number) || refuse(Refusal.MALFORMED, roster.name(peer), nowNanos);
    }

    /** Whether a signature may be computed for it, which is what a datagram costs. */
    private boolean mayCost(boolean knownHost, long nowNanos) {
        return knownHost || strangers.take(nowNanos) || refuse(Refusal.TOO_MANY, "nobody", nowNanos);
    }

    /** This node hears its own broadcasts; what another one sends under its name does not get silently lost. */
    private boolean ownName(byte[] datagram, int length, long nowNanos) {
        return signer.verify(datagram[KEY_AT], datagram, length, SIGNATURE_AT)
                && refuse(Refusal.OWN_NAME, "this node", nowNanos);
    }

    private boolean refuse(Refusal why, String origin, long nowNanos) {
        refusals.refuse(why, origin, nowNanos);
        return false;
    }

    /** The peer that sent the datagram opened last. */
    int sender() {
        return sender;
    }

    Kind kind() {
        return kind;
    }

    /** Which life of a peer is heard; 0 when none was yet. */
    long incarnation(int peer) {
        return incarnations[peer];
    }
}
