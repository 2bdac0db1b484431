package org.halvs.ha.membership.path;

import java.util.List;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.PathEvent;

/** What the thread {@code paths} found. */
public sealed interface PathFinding {

    /** Something happened to the paths. */
    record Happened(PathEvent event) implements PathFinding {}

    /** A life of a node is not heard any more. */
    record Departed(String node, NodeId id, Departure how) implements PathFinding {}

    /** The nodes heard now, in the order of ha.cf. */
    record Heard(List<Neighbour> neighbours) implements PathFinding {
        public Heard {
            neighbours = List.copyOf(neighbours);
        }
    }

    /** A peer sent something with {@link ClusterPaths#send}. */
    final class Message implements PathFinding {
        private final NodeId from;
        private final byte[] bytes;

        Message(NodeId from, byte[] bytes) {
            this.from = from;
            this.bytes = bytes;
        }

        public NodeId from() {
            return from;
        }

        /** Belongs to the receiver. */
        public byte[] bytes() {
            return bytes;
        }
    }
}
