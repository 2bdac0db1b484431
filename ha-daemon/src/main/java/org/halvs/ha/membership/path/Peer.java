package org.halvs.ha.membership.path;

import java.util.Optional;
import org.halvs.linux.SocketEndpoint;
import org.jspecify.annotations.Nullable;

/** What the thread {@code paths} remembers of one peer. Confined to it. */
final class Peer {
    private static final byte[] NOTHING = {};
    /** Longer than any path needs to be known to both. */
    private static final long DEAF_NANOS = 5_000_000_000L;

    final int number;
    final String name;
    final EndWatch end = new EndWatch();
    private final @Nullable SocketEndpoint[] endpoints;
    /** Since when it says that it does not hear this node on a path; 0 when it hears, -1 when that was told. */
    private final long[] deafSinceNanos;

    private byte[] said = NOTHING;
    private @Nullable Neighbour neighbour;
    /** The life heard of last; 0 for none. */
    long incarnation;
    /** The life that said goodbye; what of it comes later, on a slower path, is no return. */
    long goneIncarnation;
    /** Whether its departure would be news. */
    boolean present;

    Peer(int number, String name, int paths) {
        this.number = number;
        this.name = name;
        endpoints = new SocketEndpoint[paths];
        deafSinceNanos = new long[paths];
    }

    /** Takes over what is known of this node under another number, and with other paths. */
    void inherit(Peer former, int[] formerPaths) {
        for (int path = 0; path < endpoints.length; path++) {
            if (formerPaths[path] >= 0) {
                endpoints[path] = former.endpoints[formerPaths[path]];
                deafSinceNanos[path] = former.deafSinceNanos[formerPaths[path]];
            }
        }
        said = former.said;
        neighbour = former.neighbour;
        incarnation = former.incarnation;
        goneIncarnation = former.goneIncarnation;
        present = former.present;
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

    /** Whether it is time to say that the peer, which is heard on a path, is deaf there. That is so once until it hears again. */
    boolean reportDeaf(int path, boolean deaf, long nowNanos) {
        if (!deaf) {
            deafSinceNanos[path] = 0;
        } else if (deafSinceNanos[path] == 0) {
            deafSinceNanos[path] = nowNanos;
        } else if (deafSinceNanos[path] != -1 && nowNanos - deafSinceNanos[path] >= DEAF_NANOS) {
            deafSinceNanos[path] = -1;
            return true;
        }
        return false;
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
        end.end();
    }
}
