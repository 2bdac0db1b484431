package org.halvs.ha.sync;

import java.util.ArrayList;
import java.util.List;
import org.halvs.ipvs.sync.SyncCounters;

/**
 * How connections are kept on the other nodes, at one moment. Immutable.
 *
 * @param on whether connections are exchanged at all
 */
public record SyncStatus(boolean on, List<Peer> peers, SyncCounters counters) {
    /** Connections stay where they are. */
    public static final SyncStatus OFF = new SyncStatus(false, List.of(), SyncCounters.NONE);

    public SyncStatus {
        peers = List.copyOf(peers);
    }

    /**
     * Another node.
     *
     * @param told whether it listens to this one
     * @param hasCopy whether it has all connections this node serves
     * @param given records of the full copy it got
     * @param heard whether this node has all connections it serves
     * @param got records of the full copy this node got
     * @param copyMillis how long that took
     */
    public record Peer(
            String node, boolean told, boolean hasCopy, long given, boolean heard, long got, long copyMillis) {}

    /** For people, a line each. */
    public List<String> lines() {
        if (!on) {
            return List.of("not kept on other nodes (connection_sync: off, or the kernel forwards)");
        }
        List<String> lines = new ArrayList<>();
        for (Peer peer : peers) {
            lines.add(peer.node() + ": " + (peer.told() ? peer.hasCopy() ? "has" : "is getting" : "does not ask for")
                    + " the connections served here" + (peer.told() ? " (full copy: " + peer.given() + ")" : "")
                    + "; this node " + (peer.heard() ? "has" : "is getting") + " those served there"
                    + (peer.heard() ? " (full copy: " + peer.got() + " in " + peer.copyMillis() + " ms)" : ""));
        }
        if (peers.isEmpty()) {
            lines.add("no other node is there to keep them");
        }
        lines.add("told " + counters.told() + ", given up " + counters.dropped() + "; learnt " + counters.learnt()
                + ", renewed " + counters.renewed() + ", refused " + counters.refused());
        return lines;
    }
}
