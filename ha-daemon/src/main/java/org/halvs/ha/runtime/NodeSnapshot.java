package org.halvs.ha.runtime;

import java.util.List;
import java.util.Optional;
import org.halvs.director.DirectorStatus;
import org.halvs.ha.sync.SyncStatus;

/** Everything the status tells, at one moment. Immutable. */
public record NodeSnapshot(
        String node,
        String version,
        String plane,
        List<Member> members,
        List<Path> paths,
        List<Ping> pings,
        List<Group> groups,
        List<Configuration> configurations,
        List<Order> orders,
        SyncStatus connections) {
    public NodeSnapshot {
        members = List.copyOf(members);
        paths = List.copyOf(paths);
        pings = List.copyOf(pings);
        groups = List.copyOf(groups);
        configurations = List.copyOf(configurations);
        orders = List.copyOf(orders);
    }

    /**
     * A node of ha.cf.
     *
     * @param state {@code active}, {@code dead}, or what it is doing
     * @param differences the parts of its configuration that are not as this node's
     */
    public record Member(String name, String state, List<String> differences) {
        public Member {
            differences = List.copyOf(differences);
        }
    }

    /**
     * A path to another node.
     *
     * @param heard whether there ever was a heartbeat on it
     * @param silenceMillis since the last heartbeat on it, since this node began to listen when there was none
     */
    public record Path(String node, String link, boolean up, boolean heard, long silenceMillis) {}

    /** A ping node, and whether it answers; empty where that is not known. */
    public record Ping(String name, Optional<Boolean> up) {}

    /**
     * A line of haresources.
     *
     * @param owner the node that has it or is getting it, empty when nobody does
     * @param here what this node has to do with it: {@code none}, {@code acquiring}, {@code held}, {@code releasing}
     * @param reason why it is so
     */
    public record Group(
            String key, String preferred, List<String> resources, String owner, String here, String reason) {
        public Group {
            resources = List.copyOf(resources);
        }
    }

    /**
     * What an operator ordered for a real server; it holds on all nodes.
     *
     * @param node where it was ordered
     * @param atMillis when, in milliseconds since 1970
     */
    public record Order(String server, String order, String node, long atMillis) {}

    /**
     * An ldirectord configuration.
     *
     * @param forwarding whether its services are in this node's table
     */
    public record Configuration(String file, boolean forwarding, List<DirectorStatus> services) {
        public Configuration {
            services = List.copyOf(services);
        }
    }
}
