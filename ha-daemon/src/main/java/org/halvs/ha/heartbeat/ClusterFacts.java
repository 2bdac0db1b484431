package org.halvs.ha.heartbeat;

import java.util.List;
import java.util.Optional;
import org.halvs.ha.config.ClusterConfig;

/**
 * The cluster as heartbeat's client interface shows it, at one moment. Immutable.
 *
 * @param local this node's name
 * @param nodes members and ping nodes, the last of ha.cf first, as heartbeat lists them
 * @param holding what this node has, in the words of {@code cl_status rscstatus}
 */
public record ClusterFacts(String local, String version, List<Node> nodes, Holding holding, ClusterConfig config) {
    public ClusterFacts {
        nodes = List.copyOf(nodes);
    }

    /** What kind of node it is, and the word for it. */
    public enum Kind {
        NORMAL("normal"),
        PING("ping");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** Of whose resources a node has some: local are those that prefer it. */
    public enum Holding {
        NONE("none"),
        LOCAL("local"),
        FOREIGN("foreign"),
        ALL("all"),
        /** Resources are being started or stopped, or it is not decided yet who has them. */
        TRANSITION("transition");

        private final String word;

        Holding(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        public static Holding of(boolean local, boolean foreign) {
            return local ? (foreign ? ALL : LOCAL) : (foreign ? FOREIGN : NONE);
        }
    }

    /**
     * A node of ha.cf.
     *
     * @param status {@code init}, {@code up}, {@code active}, {@code dead} or {@code ping}
     * @param links the last of ha.cf first
     */
    public record Node(String name, Kind kind, String status, List<Link> links) {
        public Node {
            links = List.copyOf(links);
        }

        Optional<Link> link(String link) {
            return links.stream().filter(l -> l.name().equals(link)).findFirst();
        }
    }

    /** A path to a node. */
    public record Link(String name, boolean up) {
        String word() {
            return up ? "up" : "dead";
        }
    }

    /** Node names are not sensitive to case. */
    Optional<Node> node(String name) {
        return nodes.stream().filter(n -> n.name().equalsIgnoreCase(name)).findFirst();
    }
}
