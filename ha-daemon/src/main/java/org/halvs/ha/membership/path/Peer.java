package org.halvs.ha.membership.path;

import java.util.Optional;
import org.halvs.linux.SocketEndpoint;
import org.jspecify.annotations.Nullable;

/** What the thread {@code paths} remembers of one peer. Confined to it. */
final class Peer {
    private static final byte[] NOTHING = {};

    final int number;
    final String name;
    final EndConfirmation confirmation = new EndConfirmation();
    final EndProbe probe;
    private final @Nullable SocketEndpoint[] endpoints;
    private byte[] said = NOTHING;
    private @Nullable Neighbour neighbour;
    /** The life heard of last; 0 for none. */
    long incarnation;
    /** The life that said goodbye; what of it comes later, on a slower path, is no return. */
    long goneIncarnation;
    /** Whether its departure would be news. */
    boolean present;

    Peer(int number, String name, int paths, EndProbe probe) {
        this.number = number;
        this.name = name;
        this.probe = probe;
        endpoints = new SocketEndpoint[paths];
    }

    NodeId id(Roster roster) {
        return new NodeId(roster.key(number), incarnation);
    }

    /** Where it sends from on that path; empty before it was heard there, and when it has no address there. */
    Optional<SocketEndpoint> endpoint(int path) {
        return Optional.ofNullable(endpoints[path]).filter(e -> !e.address().isAny());
    }

    /** What was recorded by {@link #sendsFrom}, an address or not. */
    @Nullable
    SocketEndpoint recorded(int path) {
        return endpoints[path];
    }

    void sendsFrom(int path, SocketEndpoint endpoint) {
        endpoints[path] = endpoint;
    }

    /** Takes in what a heartbeat says; answers whether anything but the state of single paths is new. */
    boolean hears(Heartbeat heartbeat, Roster roster, boolean twoWay) {
        present = true;
        if (neighbour != null && heartbeat.sameAs(said)) {
            return false;
        }
        said = heartbeat.common();
        neighbour = new Neighbour(
                name, id(roster), heartbeat.view(), twoWay, heartbeat.heard(), heartbeat.has(Heartbeat.LEAVING));
        return true;
    }

    Optional<Neighbour> neighbour() {
        return Optional.ofNullable(neighbour);
    }

    void forget() {
        neighbour = null;
        said = NOTHING;
        present = false;
        confirmation.end();
        probe.close();
    }
}
