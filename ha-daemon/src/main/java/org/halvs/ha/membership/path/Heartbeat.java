package org.halvs.ha.membership.path;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The payload of a heartbeat:
 *
 * <pre>  flags 1 | keepalive ms 4 | deadtime ms 4 | peers n 1 | n * (node 16, heard on any path 1) | view present 1 | view | n * heard on this path 1</pre>
 *
 * A reader over the bytes of a datagram that makes objects only when something other than the paths' state has changed. Confined to one thread.
 */
final class Heartbeat {
    static final int LEAVING = 1;
    /** It is the last one of this life. */
    static final int GONE = 2;

    private static final int PEERS_AT = 10;
    private static final int PEER_BYTES = NodeId.BYTES + 1;
    /** 100 nodes, twice 17 bytes each, and some. */
    static final int LONGEST = 4096;

    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private int start;
    private int end;

    /** Takes the payload between two positions; answers whether it can be one. */
    boolean read(ByteBuffer datagram, int from, int to) {
        bytes = datagram;
        start = from;
        end = to;
        return to - from > PEERS_AT && end - start > PEERS_AT + peers() * (PEER_BYTES + 1);
    }

    boolean has(int flag) {
        return (bytes.get(start) & flag) != 0;
    }

    long deadtimeNanos() {
        return 1_000_000L * bytes.getInt(start + 5);
    }

    private int peers() {
        return bytes.get(start + 9) & 0xff;
    }

    /** Whether its sender hears that life of a node on any path. */
    boolean hears(long key, long incarnation) {
        for (int i = 0; i < peers(); i++) {
            int at = start + PEERS_AT + i * PEER_BYTES;
            if (bytes.getLong(at) == key) {
                return bytes.getLong(at + 8) == incarnation && bytes.get(at + NodeId.BYTES) != 0;
            }
        }
        return false;
    }

    /** Whether its sender hears that node on the path this heartbeat came by. */
    boolean hearsHere(long key) {
        for (int i = 0; i < peers(); i++) {
            if (bytes.getLong(start + PEERS_AT + i * PEER_BYTES) == key) {
                return bytes.get(end - peers() + i) != 0;
            }
        }
        return false;
    }

    /** Where the part ends that is the same on all paths. */
    private int commonEnd() {
        return end - peers();
    }

    /** Whether everything but the state of single paths is what {@code former}, made by {@link #common}, was. */
    boolean sameAs(byte[] former) {
        return Arrays.equals(bytes.array(), start, commonEnd(), former, 0, former.length);
    }

    byte[] common() {
        return Arrays.copyOfRange(bytes.array(), start, commonEnd());
    }

    Set<NodeId> heard() {
        Set<NodeId> heard = new HashSet<>();
        for (int i = 0; i < peers(); i++) {
            int at = start + PEERS_AT + i * PEER_BYTES;
            if (bytes.get(at + NodeId.BYTES) != 0) {
                heard.add(new NodeId(bytes.getLong(at), bytes.getLong(at + 8)));
            }
        }
        return heard;
    }

    /** The view it tells of; empty when it tells of none. */
    Optional<GroupView> view() {
        int at = start + PEERS_AT + peers() * PEER_BYTES;
        try {
            return bytes.get(at) == 0
                    ? Optional.empty()
                    : Optional.of(GroupView.read(bytes.duplicate().limit(end).position(at + 1)));
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            return Optional.empty(); // rightly signed, so by a version that does it otherwise
        }
    }

    /** Writes the part that is the same on all paths at the buffer's position. */
    static void write(
            ByteBuffer to,
            int flags,
            int keepaliveMillis,
            int deadtimeMillis,
            Roster roster,
            PathMonitor monitor,
            Authenticator lives,
            Optional<GroupView> view) {
        to.put((byte) flags).putInt(keepaliveMillis).putInt(deadtimeMillis).put((byte) roster.size());
        for (int peer = 0; peer < roster.size(); peer++) {
            to.putLong(roster.key(peer)).putLong(lives.incarnation(peer));
            to.put((byte) (monitor.isHeard(peer) ? 1 : 0));
        }
        to.put((byte) (view.isPresent() ? 1 : 0));
        if (view.isPresent()) {
            view.get().write(to);
        }
    }

    /** Writes what follows for one path. */
    static void writePath(ByteBuffer to, int path, Roster roster, PathMonitor monitor) {
        for (int peer = 0; peer < roster.size(); peer++) {
            to.put((byte) (monitor.isUp(peer, path) ? 1 : 0));
        }
    }
}
