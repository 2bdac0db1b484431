package org.halvs.ha.membership.path;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.membership.MembershipException;
import org.halvs.ha.membership.PathState;
import org.halvs.linux.LinuxException;

/**
 * All paths of ha.cf, and who is heard on them: what is sent goes out on each of them, what is received counts once. Starts while paths are down or missing,
 * and goes on when they come. Thread-safe.
 */
public final class ClusterPaths implements AutoCloseable {
    private final Roster roster;
    private final List<PathSpec> specs;
    private final RefusalLog refusals = new RefusalLog();
    private final Authenticator authenticator;
    private final PathLoop loop;
    private final Thread thread;

    private ClusterPaths(
            ClusterConfig config,
            Authkeys authkeys,
            String localNode,
            long incarnation,
            Consumer<PathFinding> listener) {
        roster = new Roster(config.nodes(), localNode);
        specs = PathSpec.of(config.media());
        if (specs.isEmpty()) {
            throw new MembershipException("ha.cf names no path: a ucast, bcast or mcast line is needed");
        }
        List<PathPort> ports = open(specs);
        authenticator = new Authenticator(new MessageSigner(authkeys), roster, incarnation, refusals);
        loop = new PathLoop(
                roster, incarnation, config.timing(), specs, ports, authenticator, Urgency.of(config), listener);
        thread = Thread.ofPlatform().name("paths").daemon(true).start(loop);
    }

    /**
     * Opens all paths and begins to send heartbeats.
     *
     * @param localNode one of {@code config}'s nodes
     * @param incarnation greater than in every earlier life of this node
     * @param listener called by the thread {@code paths}; it has to return at once
     * @throws MembershipException when ha.cf names no path, a port is taken, or this process may not use it
     */
    public static ClusterPaths open(
            ClusterConfig config,
            Authkeys authkeys,
            String localNode,
            long incarnation,
            Consumer<PathFinding> listener) {
        return new ClusterPaths(config, authkeys, localNode, incarnation, listener);
    }

    private static List<PathPort> open(List<PathSpec> specs) {
        List<PathPort> ports = new ArrayList<>();
        try {
            for (int path = 0; path < specs.size(); path++) {
                for (PathSpec.PortSpec spec : specs.get(path).ports()) {
                    PathPort port = new PathPort(path, spec);
                    ports.add(port);
                    port.open(System.nanoTime());
                }
            }
        } catch (LinuxException e) {
            ports.forEach(PathPort::close);
            throw new MembershipException("the cluster's paths can't be used: " + e.getMessage(), e);
        }
        return ports;
    }

    /**
     * Sends to one node, on every path; it may be lost.
     *
     * @param to the node's key, {@link NodeId#key(String)}; 0 for all
     * @param bytes not changed afterwards
     */
    public void send(long to, byte[] bytes) {
        loop.send(to, bytes);
    }

    /** Every listed key verifies and one of them signs, from the next datagram on. */
    public void changeAuthkeys(Authkeys authkeys) {
        authenticator.change(new MessageSigner(authkeys));
    }

    /** What heartbeats tell of this node from now on; said at once. */
    public void standing(Optional<GroupView> view, boolean leaving) {
        loop.standing(view, leaving);
    }

    /** Each other node on each path, in the order of ha.cf. */
    public List<PathState> states() {
        long now = System.nanoTime();
        List<PathState> states = new ArrayList<>();
        for (int peer = 0; peer < roster.size(); peer++) {
            for (int path = 0; path < specs.size(); path++) {
                long silence = Math.max(0, now - loop.monitor().lastHeardNanos(peer, path));
                states.add(new PathState(
                        roster.name(peer),
                        specs.get(path).link(),
                        loop.monitor().isUp(peer, path),
                        java.time.Duration.ofNanos(silence)));
            }
        }
        return List.copyOf(states);
    }

    /** How many datagrams were refused, for each reason that occurred. */
    public Map<Refusal, Long> refusals() {
        return refusals.totals();
    }

    /** Says goodbye to all peers and gives the sockets back. */
    @Override
    public void close() {
        loop.end();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
