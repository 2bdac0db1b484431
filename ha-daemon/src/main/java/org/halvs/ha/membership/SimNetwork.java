package org.halvs.ha.membership;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/**
 * The twin of a real cluster network, in memory: views change when the test says so, messages wait until the test delivers them. Deterministic; confined
 * to one thread.
 */
public final class SimNetwork {
    private final Map<String, MemoryMembership> joined = new LinkedHashMap<>();
    private final Queue<Runnable> pending = new ArrayDeque<>();
    private long views;

    /** A seat for {@code node}; it joins the others at {@link Membership#start}. */
    public Membership membership(String node) {
        return new MemoryMembership(this, node);
    }

    /** Delivers the oldest view or message that is on its way. Answers false when there was none. */
    public boolean deliver() {
        Runnable next = pending.poll();
        if (next == null) {
            return false;
        }
        next.run();
        return true;
    }

    /** Delivers until nothing is on its way any more. */
    public void deliverAll() {
        while (deliver()) {
            // what is delivered may send again
        }
    }

    /** The process of {@code node} dies: the others see it gone, it sees nothing. */
    public void crash(String node) {
        MemoryMembership gone = joined.remove(node);
        if (gone != null) {
            gone.dead = true;
            installView(gone.side, false);
        }
    }

    /** Cuts {@code nodes} off from all others; each side goes on alone. */
    public void cut(List<String> nodes) {
        int side = joined.values().stream().mapToInt(m -> m.side).max().orElse(0) + 1;
        for (MemoryMembership member : joined.values()) {
            if (nodes.contains(member.localNode())) {
                member.side = side;
            }
        }
        joined.values().stream().mapToInt(m -> m.side).distinct().forEach(s -> installView(s, false));
    }

    /** Every node sees every other one again. */
    public void heal() {
        joined.values().forEach(m -> m.side = 0);
        installView(0, true);
    }

    void join(MemoryMembership member) {
        if (joined.putIfAbsent(member.localNode(), member) != null) {
            throw new MembershipException(member.localNode() + " is there already");
        }
        installView(member.side, false);
    }

    void leave(MemoryMembership member) {
        if (joined.remove(member.localNode(), member)) {
            installView(member.side, false);
        }
    }

    void send(MemoryMembership from, Optional<String> to, byte[] message) {
        byte[] copy = message.clone();
        for (MemoryMembership member : List.copyOf(joined.values())) {
            boolean addressed = to.map(t -> t.equals(member.localNode())).orElse(member != from);
            if (addressed && member.side == from.side) {
                pending.add(() -> member.hear(from.localNode(), copy));
            }
        }
    }

    private void installView(int side, boolean merge) {
        List<MemoryMembership> members = new ArrayList<>();
        joined.values().stream().filter(m -> m.side == side).forEach(members::add);
        if (members.isEmpty()) {
            return;
        }
        List<String> names = members.stream().map(MemoryMembership::localNode).toList();
        ClusterView view = new ClusterView(new ViewId(names.getFirst(), ++views), names, merge);
        members.forEach(m -> pending.add(() -> m.see(view)));
    }
}
