package org.halvs.ha.runtime;

import java.util.List;
import org.halvs.director.DirectorStatus;
import org.halvs.ha.sync.SyncStatus;

/** Everything the status tells, at one moment. Immutable. */
public record NodeSnapshot(
        String node,
        String version,
        String plane,
        List<Member> members,
        List<Group> groups,
        List<Configuration> configurations,
        SyncStatus connections) {
    public NodeSnapshot {
        members = List.copyOf(members);
        groups = List.copyOf(groups);
        configurations = List.copyOf(configurations);
    }

    /**
     * A node of ha.cf.
     *
     * @param state {@code active}, {@code dead}, or what it is doing
     */
    public record Member(String name, String state) {}

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
