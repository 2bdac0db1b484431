package org.halvs.ha.membership.path;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.membership.MembershipException;
import org.halvs.ha.membership.PathState;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.linux.LinuxException;

/**
 * All paths of ha.cf, and who is heard on them: what is sent goes out on each of them, what is received counts once. Starts while paths are down or missing,
 * and goes on when they come. Thread-safe.
 */
public final class ClusterPaths implements AutoCloseable {
    /** Far longer than it takes to follow the end of a life line to its cause, which is waited for. */
    private static final long CHANGE_LIMIT_SECONDS = 5;

    private final String localNode;
    private final RefusalLog refusals = new RefusalLog();
    private final PathRequests requests = new PathRequests();
    private final Authenticator authenticator;
    private final Thread thread;
    private volatile PathLoop loop;

    private ClusterPaths(
            ClusterConfig config,
            Authkeys authkeys,
            String localNode,
            long incarnation,
            Wakefulness wakefulness,
            Consumer<PathFinding> listener) {
        this.localNode = localNode;
        Roster roster = new Roster(config.nodes(), localNode);
        List<PathSpec> specs = specs(config);
        authenticator = new Authenticator(new MessageSigner(authkeys), roster, incarnation, refusals);
        List<PathPort> ports = open(specs, List.of());
        ports.forEach(port -> port.filter(roster));
        PathLoop first = new PathLoop(
                roster, incarnation, config.timing(), specs, ports, authenticator, requests, wakefulness, listener);
        loop = first;
        Urgency urgency = Urgency.of(config);
        thread = Thread.ofPlatform().name("paths").daemon(true).start(() -> run(first, urgency));
    }

    private static List<PathSpec> specs(ClusterConfig config) {
        List<PathSpec> specs = PathSpec.of(config.media());
        if (specs.isEmpty()) {
            throw new MembershipException("ha.cf names no path: a ucast, bcast or mcast line is needed");
        }
        return specs;
    }

    private static void run(PathLoop first, Urgency urgency) {
        urgency.raise();
        Optional<PathLoop> current = Optional.of(first);
        while (current.isPresent()) {
            current = current.get().run();
        }
    }

    /**
     * Opens all paths and begins to send heartbeats.
     *
     * @param localNode one of {@code config}'s nodes
     * @param incarnation greater than in every earlier life of this node
     * @param wakefulness is told that the thread {@code paths} runs, and when it did not
     * @param listener called by the thread {@code paths}; it has to return at once
     * @throws MembershipException when ha.cf names no path, a port is taken, or this process may not use it
     */
    public static ClusterPaths open(
            ClusterConfig config,
            Authkeys authkeys,
            String localNode,
            long incarnation,
            Wakefulness wakefulness,
            Consumer<PathFinding> listener) {
        return new ClusterPaths(config, authkeys, localNode, incarnation, wakefulness, listener);
    }

    /** Opens the ports of {@code specs} that are not among {@code known}. */
    private static List<PathPort> open(List<PathSpec> specs, List<PathPort> known) {
        List<PathPort> ports = new ArrayList<>();
        try {
            for (int path = 0; path < specs.size(); path++) {
                for (PathSpec.PortSpec spec : specs.get(path).ports()) {
                    if (known.stream().noneMatch(port -> port.isPort(spec))) {
                        PathPort port = new PathPort(path, spec);
                        ports.add(port);
                        port.open(System.nanoTime());
                    }
                }
            }
        } catch (LinuxException e) {
            ports.forEach(PathPort::close);
            throw new MembershipException("the cluster's paths can't be used: " + e.getMessage(), e);
        }
        return ports;
    }

    /**
     * Other nodes, paths and times hold from now on. What stays is not touched: its sockets and connections go on, and no heartbeat is missed.
     *
     * @throws MembershipException when a new port is taken or this process may not use it, or the thread {@code paths} does not answer; nothing was changed
     */
    public synchronized void change(ClusterConfig config) {
        List<PathPort> opened = open(specs(config), loop.ports());
        PathChange change = PathChange.to(config, localNode, opened);
        requests.change(change);
        try {
            loop = change.done().get(CHANGE_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MembershipException("interrupted while the paths were changed", e);
        } catch (ExecutionException | TimeoutException e) {
            if (requests.takeChange().isPresent()) {
                opened.forEach(PathPort::close);
            }
            throw new MembershipException("the paths were not changed within " + CHANGE_LIMIT_SECONDS + " s", e);
        }
    }

    /**
     * Sends to one node, on every path; it may be lost.
     *
     * @param to the node's key, {@link NodeId#key(String)}; 0 for all
     * @param bytes not changed afterwards
     */
    public void send(long to, byte[] bytes) {
        requests.send(to, bytes);
    }

    /** Every listed key verifies and one of them signs, from the next datagram on. */
    public void changeAuthkeys(Authkeys authkeys) {
        authenticator.change(new MessageSigner(authkeys));
    }

    /** What heartbeats tell of this node from now on; said at once. */
    public void standing(Optional<GroupView> view, boolean leaving) {
        requests.standing(view, leaving);
    }

    /** Each other node on each path, in the order of ha.cf. */
    public List<PathState> states() {
        long now = System.nanoTime();
        PathLoop current = loop;
        Roster roster = current.roster();
        List<PathSpec> specs = current.paths();
        List<PathState> states = new ArrayList<>();
        for (int peer = 0; peer < roster.size(); peer++) {
            for (int path = 0; path < specs.size(); path++) {
                long silence = Math.max(0, now - current.monitor().lastHeardNanos(peer, path));
                states.add(new PathState(
                        roster.name(peer),
                        specs.get(path).link(),
                        current.monitor().isUp(peer, path),
                        current.monitor().wasHeard(peer, path),
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
        requests.end();
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
