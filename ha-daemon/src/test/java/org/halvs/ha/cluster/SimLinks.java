package org.halvs.ha.cluster;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The wires: several heartbeat paths and the service network, each cut or whole in each direction, and the carrier of each node's service interface. The first
 * heartbeat path runs over the service network.
 */
final class SimLinks {
    static final int PATHS = 2;

    private record Way(int path, String from, String to) {}

    private static final int SERVICE = -1;

    private final Set<Way> cut = new LinkedHashSet<>();
    private final Set<String> unplugged = new LinkedHashSet<>();
    private final Set<String> pingless = new LinkedHashSet<>();

    void cutPath(int path, String from, String to) {
        cut.add(new Way(path, from, to));
    }

    void cutService(String from, String to) {
        cut.add(new Way(SERVICE, from, to));
    }

    void unplug(String node) {
        unplugged.add(node);
    }

    void plug(String node) {
        unplugged.remove(node);
    }

    void losePings(String node) {
        pingless.add(node);
    }

    void healPings() {
        pingless.clear();
    }

    void healService() {
        cut.removeIf(way -> way.path == SERVICE);
    }

    void healHeartbeat() {
        cut.removeIf(way -> way.path != SERVICE);
    }

    void heal() {
        cut.clear();
        unplugged.clear();
        pingless.clear();
    }

    /** Whether heartbeats of {@code from} reach {@code to} on any path. */
    boolean heartbeat(String from, String to) {
        for (int path = 0; path < PATHS; path++) {
            boolean wire = path > 0 || service(from, to);
            if (wire && !cut.contains(new Way(path, from, to))) {
                return true;
            }
        }
        return false;
    }

    boolean service(String from, String to) {
        return carrier(from) && carrier(to) && !cut.contains(new Way(SERVICE, from, to));
    }

    boolean carrier(String node) {
        return !unplugged.contains(node);
    }

    boolean ping(String node) {
        return carrier(node) && !pingless.contains(node);
    }
}
