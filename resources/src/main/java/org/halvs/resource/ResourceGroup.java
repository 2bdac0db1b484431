package org.halvs.resource;

import java.util.List;

/**
 * One line of haresources: resources that live on one node together, started in order and stopped in reverse.
 *
 * @param preferredNode the node the line begins with, in lower case
 * @param resources at least one
 * @param line where the line begins in haresources, from 1
 */
public record ResourceGroup(String preferredNode, List<ResourceSpec> resources, int line) {
    public ResourceGroup {
        resources = List.copyOf(resources);
        if (resources.isEmpty()) {
            throw new IllegalArgumentException("a group without resources in line " + line);
        }
    }

    /** The name of the group, as in heartbeat: its first resource. Unique among the groups of a cluster. */
    public String key() {
        return resources.getFirst().text();
    }
}
