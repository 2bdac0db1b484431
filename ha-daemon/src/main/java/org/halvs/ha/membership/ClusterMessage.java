package org.halvs.ha.membership;

import java.util.Arrays;
import java.util.Optional;

/**
 * A message between nodes as the parts of the daemon that share a {@link Membership} tell theirs apart: a byte that says whose it is, and what
 * that part made of it.
 *
 * @param body not copied; nobody may change it
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way to the network and from it; never compared
public record ClusterMessage(Kind kind, byte[] body) {

    /** Whose message it is. The numbers are on the wire and never change their meaning. */
    public enum Kind {
        /** What a node owns and wants: {@code org.halvs.ha.takeover}. */
        STATUS(1),
        /** Events of a node for the history of another. */
        EVENTS(2),
        /** Connections of the node that serves them. */
        CONNECTIONS(3),
        /** Which nodes there are beside those of ha.cf. */
        NODES(4),
        /** What operators ordered for real servers. */
        ORDERS(5);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }
    }

    /** As the network carries it. */
    public byte[] encode() {
        byte[] bytes = new byte[body.length + 1];
        bytes[0] = kind.code;
        System.arraycopy(body, 0, bytes, 1, body.length);
        return bytes;
    }

    /** Reads what {@link #encode} made; empty for a kind of another version of HALVS. */
    public static Optional<ClusterMessage> decode(byte[] bytes) {
        if (bytes.length == 0) {
            return Optional.empty();
        }
        for (Kind kind : Kind.values()) {
            if (kind.code == bytes[0]) {
                return Optional.of(new ClusterMessage(kind, Arrays.copyOfRange(bytes, 1, bytes.length)));
            }
        }
        return Optional.empty();
    }
}
