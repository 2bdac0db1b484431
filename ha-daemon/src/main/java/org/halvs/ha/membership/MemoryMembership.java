package org.halvs.ha.membership;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A seat in a {@link SimNetwork}. Confined to the thread of the test. */
final class MemoryMembership implements Membership {
    private final SimNetwork network;
    private final String node;
    private @Nullable MembershipListener listener;
    int side;
    boolean dead;

    MemoryMembership(SimNetwork network, String node) {
        this.network = network;
        this.node = node;
    }

    @Override
    public String localNode() {
        return node;
    }

    @Override
    public void start(MembershipListener whoListens) {
        listener = whoListens;
        network.join(this);
    }

    @Override
    public void broadcast(byte[] message) {
        if (!dead) {
            network.send(this, Optional.empty(), message);
        }
    }

    @Override
    public void send(String to, byte[] message) {
        if (!dead) {
            network.send(this, Optional.of(to), message);
        }
    }

    @Override
    public void close() {
        network.leave(this);
        dead = true;
    }

    void see(ClusterView view) {
        if (!dead && listener != null) {
            listener.onView(view);
        }
    }

    void hear(String from, byte[] message) {
        if (!dead && listener != null) {
            listener.onMessage(from, message);
        }
    }
}
