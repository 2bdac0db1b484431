package org.halvs.ha.membership.path;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.Timing;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.linux.IpAddress;
import org.halvs.linux.SocketEndpoint;

/**
 * Two nodes that hear each other on the loopback for a moment, so that the code for the real heartbeats is compiled: interpreted, one costs ten times as much,
 * and at seventeen a second it would be many minutes before that ends by itself.
 */
public final class PathRehearsal {
    private static final long DURATION_MILLIS = 1_500;
    /** As often as the threads can; nobody is late or dead before the end. */
    private static final Timing TIMING = new Timing(
            Duration.ofNanos(100_000),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1));

    private static final List<String> NODES = List.of("one", "other");

    /** One of the two nodes, on a thread of its own. */
    private record Actor(PathRequests requests, Thread thread) {
        void end() throws InterruptedException {
            requests.end();
            thread.join(DURATION_MILLIS);
        }
    }

    private PathRehearsal() {}

    /**
     * Returns after a second and a half. Platform threads only.
     *
     * @throws org.halvs.linux.LinuxException without {@code CAP_NET_RAW}, or when somebody takes a port that was free just before
     */
    public static void perform(Authkeys authkeys) throws InterruptedException {
        perform(authkeys, _ -> {});
    }

    /** @param findings hears what either of them finds, on their threads */
    static void perform(Authkeys authkeys, Consumer<PathFinding> findings) throws InterruptedException {
        int here = freePort();
        int there = freePort();
        Actor one = act(authkeys, findings, "one", here, SocketEndpoint.of(IpAddress.of("127.0.0.2"), there));
        try {
            Actor other = act(authkeys, findings, "other", there, SocketEndpoint.of(IpAddress.of("127.0.0.3"), here));
            try {
                Thread.sleep(DURATION_MILLIS);
            } finally {
                other.end();
            }
        } finally {
            one.end();
        }
    }

    private static Actor act(
            Authkeys authkeys, Consumer<PathFinding> findings, String node, int port, SocketEndpoint peer) {
        Roster roster = new Roster(NODES, node);
        PathSpec.PortSpec spec = new PathSpec.PortSpec("lo", IpAddress.Family.IPV4, port, List.of(peer), List.of());
        PathPort open = new PathPort(0, spec);
        open.open(System.nanoTime());
        open.filter(roster);
        PathRequests requests = new PathRequests();
        PathLoop loop = new PathLoop(
                roster,
                1,
                TIMING,
                List.of(new PathSpec("lo", List.of(spec))),
                List.of(open),
                new Authenticator(new MessageSigner(authkeys), roster, 1, new RefusalLog()),
                requests,
                new Wakefulness(),
                findings);
        return new Actor(
                requests, Thread.ofPlatform().name("rehearsal").daemon().start(loop::run));
    }

    private static int freePort() {
        try (DatagramSocket any = new DatagramSocket()) {
            return any.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
