package org.halvs.ha.cluster;

import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.MembershipListener;

/** A node's seat in the simulated cluster; its listener is called by {@link SimMembership}. */
final class SimSeat implements Membership {
    private final SimCluster world;
    private final SimNode node;

    SimSeat(SimCluster world, SimNode node) {
        this.world = world;
        this.node = node;
    }

    @Override
    public String localNode() {
        return node.name;
    }

    @Override
    public void start(MembershipListener listener) {
        throw new IllegalStateException("the world knows the listener");
    }

    @Override
    public void broadcast(byte[] message) {
        world.nodeNames().stream().filter(to -> !to.equals(node.name)).forEach(to -> send(to, message));
    }

    @Override
    public void send(String to, byte[] message) {
        world.carry(node, to, message);
    }

    @Override
    public void close() {}
}
