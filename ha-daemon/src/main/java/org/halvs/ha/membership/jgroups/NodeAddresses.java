package org.halvs.ha.membership.jgroups;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.halvs.ha.membership.path.GroupView;
import org.halvs.ha.membership.path.NodeId;
import org.jgroups.Address;
import org.jgroups.View;
import org.jgroups.util.UUID;

/**
 * The addresses of the nodes of ha.cf in JGroups: the upper half is the incarnation of the node, the lower half its key. So an address says whose it is
 * without anybody being asked, has nothing to do with any link, and of two addresses of one node the greater is the later life. Thread-safe.
 */
final class NodeAddresses {
    private final Map<Long, String> names = new ConcurrentHashMap<>();

    NodeAddresses(List<String> nodes) {
        add(nodes);
    }

    void add(List<String> nodes) {
        nodes.forEach(node -> names.put(NodeId.key(node), node));
    }

    /** Whatever is none of these is unknown from now on. */
    void retain(List<String> nodes) {
        names.values().retainAll(nodes);
    }

    static UUID address(NodeId id) {
        return new UUID(id.incarnation(), id.key());
    }

    /** @throws IllegalArgumentException when it is none of {@link #address} */
    static NodeId id(Address address) {
        if (address instanceof UUID uuid) {
            return new NodeId(uuid.getLeastSignificantBits(), uuid.getMostSignificantBits());
        }
        throw new IllegalArgumentException("not the address of a node: " + address);
    }

    static GroupView view(View view) {
        return new GroupView(
                id(view.getCreator()),
                view.getViewId().getId(),
                view.getMembers().stream().map(NodeAddresses::id).toList());
    }

    static View view(GroupView view) {
        return View.create(
                address(view.creator()),
                view.number(),
                view.members().stream().map(NodeAddresses::address).toArray(Address[]::new));
    }

    /** The node an address is of; empty when it is none of ha.cf's. */
    Optional<String> node(Address address) {
        return address instanceof UUID uuid
                ? Optional.ofNullable(names.get(uuid.getLeastSignificantBits()))
                : Optional.empty();
    }
}
