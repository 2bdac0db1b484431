package org.halvs.ha.membership.path;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A view as heartbeats tell of it.
 *
 * @param creator who made it
 * @param number counts up with every view
 * @param members the first of them coordinates; 1 to 100
 */
public record GroupView(NodeId creator, long number, List<NodeId> members) {
    private static final int MOST_MEMBERS = 100; // as many nodes as ha.cf may name

    public GroupView {
        members = List.copyOf(members);
        if (members.isEmpty() || members.size() > MOST_MEMBERS) {
            throw new IllegalArgumentException("a view of " + members.size() + " members");
        }
    }

    /** Whether both are one view; the numbers of different creators say nothing about each other. */
    public boolean isSame(GroupView other) {
        return number == other.number && creator.equals(other.creator);
    }

    public NodeId coordinator() {
        return members.getFirst();
    }

    void write(ByteBuffer to) {
        creator.write(to);
        to.putLong(number).put((byte) members.size());
        members.forEach(member -> member.write(to));
    }

    /** @throws java.nio.BufferUnderflowException or IllegalArgumentException when there is none */
    static GroupView read(ByteBuffer from) {
        NodeId creator = NodeId.read(from);
        long number = from.getLong();
        int count = from.get();
        List<NodeId> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(NodeId.read(from));
        }
        return new GroupView(creator, number, members);
    }
}
