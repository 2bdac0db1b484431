package org.halvs.ha.membership.path;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.halvs.ha.config.Timing;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.PathEvent;
import org.halvs.linux.DeviceDatagramSocket;
import org.halvs.linux.DeviceStream;
import org.halvs.linux.PollableSocket;
import org.halvs.linux.SocketEndpoint;
import org.halvs.linux.SocketPoll;

/**
 * The body of the thread {@code paths}: waits on all sockets, sends heartbeats, takes in what comes, and tells a listener what that means. It measures itself
 * too: what it missed while it did not run is not counted against the peers. Confined to its thread but for {@link #send}, {@link #standing} and {@link #end}.
 */
final class PathLoop implements Runnable, PathMonitor.Observer, LifeLines.Observer {
    private static final Logger LOG = System.getLogger(PathLoop.class.getName());
    private static final long TEND_NANOS = 1_000_000_000;
    /** News is told at once, but not more often than this. */
    private static final long BEAT_SPACING_NANOS = 2_000_000;
    /** Of one socket at a time, and of what is to be sent, so that nothing keeps heartbeats waiting. */
    private static final int BATCH = 32;
    /** After a sleep everything is taken in before anybody is judged; more than a socket's buffer holds. */
    private static final int EVERYTHING = 100_000;
    /** A wake-up this late is ordinary. */
    private static final long ORDINARY_NANOS = 3_000_000;

    private static final long FAILURE_QUIET_NANOS = 60_000_000_000L;
    private static final int GOODBYES = 3;

    private interface Handler {
        void ready(long nowNanos, int batch);
    }

    private final Roster roster;
    private final long incarnation;
    private final long keepaliveNanos;
    private final long deadtimeNanos;
    private final HeartbeatSender sender;
    private final Authenticator authenticator;
    private final PathMonitor monitor;
    private final List<PathSpec> paths;
    private final List<PathPort> ports;
    private final LifeLines lines;
    private final Peer[] peers;
    private final Consumer<PathFinding> listener;
    private final Urgency urgency;
    private final SocketPoll poll = new SocketPoll();
    private final Outbox outbox = new Outbox();
    private volatile Standing standing = new Standing(Optional.empty(), 0);
    private volatile boolean closed;

    private final byte[] in = new byte[DeviceDatagramSocket.LONGEST_DATAGRAM];
    private final ByteBuffer inBuffer = ByteBuffer.wrap(in);
    private final Heartbeat heartbeat = new Heartbeat();
    private final List<Handler> handlers = new ArrayList<>();
    private Standing told = standing;
    private boolean urgent = true;
    private boolean heardChanged;
    private boolean socketsChanged = true;
    private int datagramSockets;
    private long beatDueNanos;
    private long beatenNanos;
    private long tendDueNanos;
    private long failures;
    private long failureToldNanos;

    PathLoop(
            Roster roster,
            long incarnation,
            Timing timing,
            List<PathSpec> paths,
            List<PathPort> ports,
            Authenticator authenticator,
            Urgency urgency,
            Consumer<PathFinding> listener) {
        this.roster = roster;
        this.incarnation = incarnation;
        this.paths = paths;
        this.ports = ports;
        this.authenticator = authenticator;
        this.urgency = urgency;
        this.listener = listener;
        keepaliveNanos = timing.keepalive().toNanos();
        deadtimeNanos = timing.deadtime().toNanos();
        long now = System.nanoTime();
        monitor = new PathMonitor(roster.size(), paths.size(), timing.warntime().toNanos(), deadtimeNanos, now, this);
        lines = new LifeLines(roster, authenticator, incarnation, paths.size(), this);
        peers = new Peer[roster.size()];
        Arrays.setAll(peers, i -> new Peer(i, roster.name(i), paths.size()));
        sender = new HeartbeatSender(roster, timing, authenticator, monitor, ports, paths.size(), now);
        beatDueNanos = now;
        beatenNanos = now;
        tendDueNanos = now;
    }

    PathMonitor monitor() {
        return monitor;
    }

    /** Sends to one node, or to all, on every path. May be called by any thread but this one. */
    void send(long to, byte[] bytes) {
        if (outbox.put(to, bytes)) {
            poll.wake();
        }
    }

    /** What the peers are to know of this node from now on. May be called by any thread. */
    void standing(Optional<GroupView> view, boolean leaving) {
        standing = new Standing(view, leaving ? Heartbeat.LEAVING : 0);
        poll.wake();
    }

    /** Says goodbye and ends the thread. May be called by any thread. */
    void end() {
        closed = true;
        poll.wake();
    }

    @Override
    public void run() {
        urgency.raise();
        try {
            while (!closed) {
                try {
                    round();
                } catch (RuntimeException e) {
                    failed(e);
                }
            }
            standing = new Standing(Optional.empty(), Heartbeat.LEAVING | Heartbeat.GONE);
            for (int i = 0; i < GOODBYES; i++) {
                beat(System.nanoTime());
            }
        } finally {
            lines.closeAll();
            for (Peer peer : peers) {
                peer.end.end();
            }
            ports.forEach(PathPort::close);
            poll.close();
        }
    }

    /** A fault of this program in one round is no reason to fall silent, which would be a takeover. */
    private void failed(RuntimeException e) {
        long now = System.nanoTime();
        if (failures++ == 0 || now - failureToldNanos >= FAILURE_QUIET_NANOS) {
            failureToldNanos = now;
            LOG.log(Level.ERROR, "in the heartbeat loop, " + failures + " times until now", e);
        }
        LockSupport.parkNanos(BEAT_SPACING_NANOS);
        socketsChanged = true;
    }

    private void round() {
        watchSockets();
        long due = nextDueNanos();
        poll.await(outbox.isEmpty() ? due - System.nanoTime() : 0);
        long now = System.nanoTime();
        boolean slept = now - due > Math.max(ORDINARY_NANOS, deadtimeNanos / 10);
        if (slept) {
            slept(now - due, now);
        }
        for (int i = 0; i < handlers.size(); i++) {
            // what a poll saw before a sleep is out of date
            if (slept && i < datagramSockets || poll.isReady(i)) {
                handlers.get(i).ready(now, slept ? EVERYTHING : BATCH);
            }
        }
        outbox.send(sender, BATCH);
        for (Peer peer : peers) {
            peer.end.tick(now);
            socketsChanged |= peer.end.takeChanged();
        }
        monitor.tick(now);
        if (heardChanged) {
            heardChanged = false;
            publish();
        }
        if (now >= tendDueNanos) {
            tend(now);
        }
        urgent |= !told.equals(standing);
        if (now >= beatDueNanos || urgent && now - beatenNanos >= BEAT_SPACING_NANOS) {
            beat(now);
        }
    }

    private long nextDueNanos() {
        long due = Math.min(Math.min(beatDueNanos, tendDueNanos), monitor.nextDueNanos());
        for (Peer peer : peers) {
            due = Math.min(due, peer.end.nextDueNanos());
        }
        return urgent ? Math.min(due, beatenNanos + BEAT_SPACING_NANOS) : due;
    }

    private void slept(long gapNanos, long now) {
        monitor.slept(gapNanos, now);
        if (now - beatenNanos >= deadtimeNanos) {
            happened(new PathEvent.Asleep(Duration.ofNanos(gapNanos)));
        }
    }

    private void watchSockets() {
        if (!lines.takeChanged() && !socketsChanged) {
            return;
        }
        socketsChanged = false;
        List<PollableSocket> sockets = new ArrayList<>();
        handlers.clear();
        for (PathPort port : ports) {
            port.socket().ifPresent(socket -> {
                sockets.add(socket);
                handlers.add((now, batch) -> receive(port, socket, batch, now));
            });
        }
        datagramSockets = sockets.size();
        for (PathPort port : ports) {
            port.listener().ifPresent(streams -> {
                sockets.add(streams);
                handlers.add((now, _) -> lines.accept(streams, port.path(), now));
            });
        }
        for (LifeLines.Line line : lines.lines()) {
            sockets.add(line.stream);
            handlers.add((now, _) -> {
                if (lines.lines().contains(line)) {
                    lines.ready(line, now);
                }
            });
        }
        for (Peer peer : peers) {
            for (DeviceStream stream : peer.end.streams()) {
                sockets.add(stream);
                handlers.add((now, _) -> answered(peer, stream, now));
            }
        }
        poll.watch(sockets);
    }

    private void receive(PathPort port, DeviceDatagramSocket socket, int batch, long now) {
        for (int i = 0; i < batch; i++) {
            int length = socket.receive(in);
            if (length < 0) {
                return;
            }
            if (authenticator.open(in, length, now)) {
                Peer peer = peers[authenticator.sender()];
                switch (authenticator.kind()) {
                    case HEARTBEAT -> heartbeat(peer, port.path(), socket, length, now);
                    case MESSAGE -> message(peer, length);
                    case LIFE_LINE -> {
                        // belongs on a connection
                    }
                }
            }
        }
    }

    private void message(Peer peer, int length) {
        int at = Authenticator.PAYLOAD_AT + Long.BYTES;
        if (length > at) {
            long to = inBuffer.getLong(Authenticator.PAYLOAD_AT);
            if (to == 0 || to == roster.localKey()) {
                long life = authenticator.incarnation(peer.number);
                listener.accept(new PathFinding.Message(
                        new NodeId(roster.key(peer.number), life), Arrays.copyOfRange(in, at, length)));
            }
        }
    }

    private void heartbeat(Peer peer, int path, DeviceDatagramSocket socket, int length, long now) {
        long life = authenticator.incarnation(peer.number);
        if (!heartbeat.read(inBuffer, Authenticator.PAYLOAD_AT, length) || life == peer.goneIncarnation) {
            return;
        }
        if (life != peer.incarnation) {
            restarted(peer, life, now);
        }
        if (heartbeat.has(Heartbeat.GONE)) {
            peer.goneIncarnation = life;
            monitor.gone(peer.number);
            departed(peer, Departure.LEFT);
            return;
        }
        SocketEndpoint known = peer.recorded(path);
        if (known == null || !socket.cameFrom(known)) {
            peer.sendsFrom(path, socket.sender());
            lines.forget(peer.number, path);
            tendDueNanos = now;
        }
        boolean wasHeard = monitor.isHeard(peer.number);
        boolean hearsUs = heartbeat.hears(roster.localKey(), incarnation);
        monitor.heard(peer.number, path, heartbeat.deadtimeNanos(), hearsUs, now);
        if (peer.reportDeaf(path, !heartbeat.hearsHere(roster.localKey()), now)) {
            LOG.log(
                    Level.WARNING,
                    "path {0}: {1} is heard on it and does not hear this node there",
                    paths.get(path).link(),
                    peer.name);
        }
        peer.end.heard();
        urgent |= !wasHeard;
        heardChanged |= peer.hears(heartbeat, roster, hearsUs) || !wasHeard;
    }

    private void restarted(Peer peer, long life, long now) {
        if (peer.present) {
            departed(peer, Departure.PROCESS_ENDED);
        }
        lines.forget(peer.number);
        peer.incarnation = life;
        monitor.restarted(peer.number, now);
        urgent = true;
        tendDueNanos = now;
    }

    private void departed(Peer peer, Departure how) {
        boolean news = peer.present;
        peer.forget();
        lines.forget(peer.number);
        urgent = true;
        if (news) {
            listener.accept(new PathFinding.Departed(peer.name, peer.id(roster), how));
            heardChanged = true;
        }
    }

    private void publish() {
        List<Neighbour> heard = new ArrayList<>();
        for (Peer peer : peers) {
            peer.neighbour().ifPresent(heard::add);
        }
        listener.accept(new PathFinding.Heard(heard));
    }

    private void happened(PathEvent event) {
        listener.accept(new PathFinding.Happened(event));
    }

    private void beat(long now) {
        urgent = false;
        told = standing;
        sender.beat(told, now);
        beatenNanos = now;
        beatDueNanos = now - beatDueNanos >= 0 && now - beatDueNanos < keepaliveNanos / 2
                ? beatDueNanos + keepaliveNanos
                : now + keepaliveNanos;
    }

    private void tend(long now) {
        tendDueNanos = now + TEND_NANOS;
        for (PathPort port : ports) {
            socketsChanged |= port.tend(now);
        }
        lines.tend(now);
        for (Peer peer : peers) {
            for (int path = 0; path < paths.size(); path++) {
                Optional<SocketEndpoint> endpoint = peer.endpoint(path);
                if (endpoint.isPresent() && monitor.isUp(peer.number, path) && lines.isMissing(peer.number, path)) {
                    lines.connect(peer.number, path, paths.get(path).link(), endpoint.get(), now);
                }
            }
        }
    }

    private void answered(Peer peer, DeviceStream stream, long now) {
        if (peer.end.answered(stream, now)) {
            monitor.gone(peer.number);
            departed(peer, Departure.PROCESS_ENDED);
        }
    }

    @Override
    public void ended(int number) {
        Peer peer = peers[number];
        urgent = true;
        if (monitor.isHeard(number)) {
            peer.end.begin(peer, paths, System.nanoTime());
        }
    }

    @Override
    public void broken(int number) {
        urgent = true;
        tendDueNanos = Math.min(tendDueNanos, System.nanoTime() + TEND_NANOS / 10);
    }

    @Override
    public void linkUp(int peer, int path) {
        happened(new PathEvent.LinkChanged(roster.name(peer), paths.get(path).link(), true));
        tendDueNanos = System.nanoTime();
    }

    @Override
    public void linkDown(int peer, int path) {
        happened(new PathEvent.LinkChanged(roster.name(peer), paths.get(path).link(), false));
        lines.forget(peer, path);
    }

    @Override
    public void late(int peer, long intervalNanos, long deadtime) {
        happened(new PathEvent.LateHeartbeat(
                roster.name(peer), Duration.ofNanos(intervalNanos), Duration.ofNanos(deadtime)));
    }

    @Override
    public void overdue(int peer) {
        happened(new PathEvent.Overdue(roster.name(peer)));
    }

    @Override
    public void silent(int peer) {
        departed(peers[peer], Departure.SILENT);
    }

    @Override
    public void oneWay(int peer, boolean notHeard) {
        happened(new PathEvent.OneWay(roster.name(peer), notHeard));
    }
}
