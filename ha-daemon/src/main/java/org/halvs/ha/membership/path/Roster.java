package org.halvs.ha.membership.path;

import java.util.ArrayList;
import java.util.List;

/** The nodes of ha.cf by number: this node, and its peers counted from 0 in the order of the file. Immutable. */
final class Roster {
    static final int NOBODY = -1;

    private final long localKey;
    private final List<String> peers;
    private final long[] keys;

    /** @throws IllegalArgumentException when {@code local} is none of the nodes, or two names have one key */
    Roster(List<String> nodes, String local) {
        List<String> others = new ArrayList<>(nodes);
        if (!others.remove(local)) {
            throw new IllegalArgumentException(local + " is none of " + nodes);
        }
        localKey = NodeId.key(local);
        peers = List.copyOf(others);
        keys = peers.stream().mapToLong(NodeId::key).toArray();
        if (nodes.stream().map(NodeId::key).distinct().count() < nodes.size()) {
            throw new IllegalArgumentException("names can't be told apart: " + nodes);
        }
    }

    int size() {
        return keys.length;
    }

    String name(int peer) {
        return peers.get(peer);
    }

    long key(int peer) {
        return keys[peer];
    }

    long localKey() {
        return localKey;
    }

    /** The number of the peer with that key, {@link #NOBODY} when there is none. */
    int indexOf(long key) {
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] == key) {
                return i;
            }
        }
        return NOBODY;
    }
}
