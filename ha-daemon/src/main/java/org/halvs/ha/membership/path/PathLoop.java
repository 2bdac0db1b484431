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
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.membership.path.Authenticator.Kind;
import org.halvs.linux.DeviceDatagramSocket;
import org.halvs.linux.DeviceStream;
import org.halvs.linux.PollableSocket;
import org.halvs.linux.SocketEndpoint;
import org.halvs.linux.SocketPoll;

/**
 * The body of the thread {@code paths}: waits on all sockets, sends heartbeats, takes in what comes, and tells a listener what that means. It measures itself
 * too: what it missed while it did not run is not counted against the peers. Confined to its thread; others speak to it by {@link PathRequests}.
 *
 * <p>Nodes, paths and times are fixed for one loop. When they change another loop goes on where this one ends, with the sockets, the connections and all that was
 * heard: to the peers nothing has happened.
 */
final class PathLoop implements PathMonitor.Observer, LifeLines.Observer {
    private static final Logger LOG = System.getLogger(PathLoop.class.getName());
    private static final long TEND_NANOS = 1_000_000_000;
    /** Looking after sockets can wait for a heartbeat of this node's own. */
    private static final long TEND_PATIENCE_NANOS = TEND_NANOS / 10;
    /** News is told at once, but not more often than this. */
    private static final long BEAT_SPACING_NANOS = 2_000_000;
    /** While somebody is overdue this node says so again and again, to be answered: few heartbeats have to be lost before a peer looks dead, many questions. */
    private static final long QUESTION_SPACING_NANOS = 10_000_000;
    /** A heartbeat may go out by this part of keepalive too early when this thread is awake anyway. */
    private static final int EARLY = 8;
    /** Of one socket at a time, so that nothing keeps heartbeats waiting. */
    private static final int BATCH = 32;
    /** After a sleep everything is taken in before anybody is judged; more than a socket's buffer holds. */
    private static final int EVERYTHING = 100_000;
    /** A wake-up this late is ordinary. */
    private static final long ORDINARY_NANOS = 3_000_000;

    private static final long FLOODED_NANOS = 1_000_000_000L;
    private static final long FLOODED_PATIENCE_NANOS = 1_000_000L;

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
    private final PathRequests requests;
    private final Wakefulness wakefulness;
    private final SocketPoll poll;

    private final byte[] in = new byte[DeviceDatagramSocket.LONGEST_DATAGRAM];
    private final ByteBuffer inBuffer = ByteBuffer.wrap(in);
    private final Heartbeat heartbeat = new Heartbeat();
    /** Of the sockets that are waited for. */
    private final List<Handler> handlers = new ArrayList<>();
    /** Of the sockets that are read whenever this thread is awake, which it is for its own heartbeats. */
    private final List<Handler> routine = new ArrayList<>();

    private Standing told = new Standing(Optional.empty(), 0);
    private boolean urgent = true;
    /** There may be more in a socket nobody waits for. */
    private boolean more;
    /** When there was. */
    private long floodedNanos;

    private boolean heardChanged;
    private boolean socketsChanged = true;
    private int datagramSockets;
    /** When the sockets were read last before now: what is there now has come since. */
    private long readNanos;

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
            PathRequests requests,
            Wakefulness wakefulness,
            Consumer<PathFinding> listener) {
        this.wakefulness = wakefulness;
        this.roster = roster;
        this.incarnation = incarnation;
        this.paths = paths;
        this.ports = ports;
        this.authenticator = authenticator;
        this.requests = requests;
        this.poll = requests.poll;
        this.listener = listener;
        keepaliveNanos = timing.keepalive().toNanos();
        deadtimeNanos = timing.deadtime().toNanos();
        long now = System.nanoTime();
        monitor = new PathMonitor(roster.size(), paths.size(), timing.warntime().toNanos(), deadtimeNanos, now, this);
        lines = new LifeLines(roster, authenticator, incarnation, paths.size(), this);
        peers = new Peer[roster.size()];
        Arrays.setAll(peers, i -> new Peer(i, roster.name(i), paths.size()));
        sender = new HeartbeatSender(roster, timing, authenticator, monitor, ports, paths.size(), now);
        readNanos = now;
        floodedNanos = now - FLOODED_NANOS;
        beatDueNanos = now;
        beatenNanos = now;
        tendDueNanos = now;
    }

    /** Goes on where {@code former} ends. */
    private PathLoop(PathLoop former, PathChange change) {
        roster = change.roster();
        incarnation = former.incarnation;
        paths = change.paths();
        authenticator = former.authenticator;
        requests = former.requests;
        poll = former.poll;
        listener = former.listener;
        wakefulness = former.wakefulness;
        Timing timing = change.timing();
        keepaliveNanos = timing.keepalive().toNanos();
        deadtimeNanos = timing.deadtime().toNanos();
        long now = System.nanoTime();
        int[] formerPeers = change.formerPeers(former.roster);
        int[] formerPaths = change.formerPaths(former.paths);
        former.forgetOthers(formerPeers, formerPaths);
        ports = change.ports(former.ports);
        ports.forEach(port -> port.filter(roster));
        authenticator.follow(roster, formerPeers);
        monitor = new PathMonitor(roster.size(), paths.size(), timing.warntime().toNanos(), deadtimeNanos, now, this);
        monitor.inherit(former.monitor, formerPeers, formerPaths);
        lines = new LifeLines(roster, authenticator, incarnation, paths.size(), this);
        lines.inherit(former.lines, formerPeers, formerPaths);
        peers = new Peer[roster.size()];
        Arrays.setAll(peers, i -> new Peer(i, roster.name(i), paths.size()));
        for (int i = 0; i < peers.length; i++) {
            if (formerPeers[i] >= 0) {
                peers[i].inherit(former.peers[formerPeers[i]], formerPaths);
            }
        }
        sender = new HeartbeatSender(
                roster, timing, authenticator, monitor, ports, paths.size(), former.sender.startNanos());
        failures = former.failures;
        failureToldNanos = former.failureToldNanos;
        heardChanged = true;
        beatDueNanos = now;
        readNanos = former.readNanos;
        floodedNanos = former.floodedNanos;
        beatenNanos = former.beatenNanos;
        tendDueNanos = now;
    }

    /** Tells of the nodes and paths that are none any more, while their names are known. */
    private void forgetOthers(int[] stayingPeers, int[] stayingPaths) {
        for (Peer peer : peers) {
            if (Arrays.stream(stayingPeers).noneMatch(p -> p == peer.number)) {
                monitor.gone(peer.number);
                departed(peer, Departure.LEFT);
            }
            for (int path = 0; path < paths.size(); path++) {
                int number = path;
                if (Arrays.stream(stayingPaths).noneMatch(p -> p == number)) {
                    monitor.lower(peer.number, path);
                }
            }
        }
    }

    PathMonitor monitor() {
        return monitor;
    }

    Roster roster() {
        return roster;
    }

    List<PathSpec> paths() {
        return paths;
    }

    /** The ports, to be asked what they are and nothing else. */
    List<PathPort> ports() {
        return ports;
    }

    /** Runs until the thread is to end, or another loop is to go on; answers that one. */
    Optional<PathLoop> run() {
        while (!requests.isClosed()) {
            Optional<PathLoop> next = next();
            if (next.isPresent()) {
                return next;
            }
            try {
                round();
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        end();
        return Optional.empty();
    }

    /** Not while somebody's end is being looked into: that question is asked once. */
    private Optional<PathLoop> next() {
        if (!requests.hasChange() || Arrays.stream(peers).anyMatch(peer -> peer.end.isActive())) {
            return Optional.empty();
        }
        return requests.takeChange().flatMap(change -> {
            try {
                PathLoop next = new PathLoop(this, change);
                boolean ignored = change.done().complete(next);
                return Optional.of(next);
            } catch (RuntimeException e) {
                boolean ignored = change.done().completeExceptionally(e);
                return Optional.empty();
            }
        });
    }

    private void end() {
        try {
            told = new Standing(Optional.empty(), Heartbeat.LEAVING | Heartbeat.GONE);
            for (int i = 0; i < GOODBYES; i++) {
                sender.beat(told, Kind.NEWS, System.nanoTime());
            }
        } finally {
            wakefulness.unwatched();
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
        poll.await(requests.outbox.isEmpty() && !more ? patience(due) : 0);
        more = false;
        long now = System.nanoTime();
        boolean slept = now - due > Math.max(ORDINARY_NANOS, deadtimeNanos / 10);
        if (slept) {
            slept(now - due, now);
        }
        wakefulness.awake(now);
        for (int i = 0; i < routine.size(); i++) {
            routine.get(i).ready(now, slept ? EVERYTHING : BATCH);
        }
        for (int i = 0; i < handlers.size(); i++) {
            // what a poll saw before a sleep is out of date
            if (slept && i < datagramSockets || poll.isReady(i)) {
                handlers.get(i).ready(now, slept ? EVERYTHING : BATCH);
            }
        }
        readNanos = now;
        requests.outbox.send(sender);
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
        urgent |= !told.equals(requests.standing());
        if (now - beatDueNanos >= -keepaliveNanos / EARLY || now - extraBeatDueNanos() >= 0) {
            beat(now);
        }
    }

    /** How long to wait at most. In a flood a socket nobody waits for is full before the next heartbeat is due. */
    private long patience(long due) {
        long wait = due - System.nanoTime();
        return readNanos - floodedNanos < FLOODED_NANOS ? Math.min(wait, FLOODED_PATIENCE_NANOS) : wait;
    }

    private long nextDueNanos() {
        long due = Math.min(Math.min(beatDueNanos, tendDueNanos + TEND_PATIENCE_NANOS), monitor.nextDueNanos());
        due = Math.min(due, readNanos + deadtimeNanos / 2); // others rely on this thread to see that the process runs
        for (Peer peer : peers) {
            due = Math.min(due, peer.end.nextDueNanos());
        }
        return Math.min(due, extraBeatDueNanos());
    }

    /** When a heartbeat goes out for another reason than that it is time for one. */
    private long extraBeatDueNanos() {
        if (urgent) {
            return beatenNanos + BEAT_SPACING_NANOS;
        }
        return monitor.isAnybodyOverdue() ? beatenNanos + QUESTION_SPACING_NANOS : beatDueNanos;
    }

    private void slept(long gapNanos, long now) {
        monitor.slept(gapNanos, now);
        if (now - beatenNanos >= deadtimeNanos / 4 * 3) { // what was sent last may have been lost or late
            wakefulness.slept();
        }
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
        routine.clear();
        for (PathPort port : ports) {
            port.routine().ifPresent(socket -> routine.add((now, batch) -> receive(port, socket, batch, now)));
            port.news().ifPresent(socket -> {
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
            if (i == batch - 1) {
                more = true;
                floodedNanos = now;
            }
            if (authenticator.open(in, length, isKnownHost(port.path(), socket), now)) {
                Peer peer = peers[authenticator.sender()];
                long waited = Math.min(socket.waitedNanos(), now - readNanos);
                switch (authenticator.kind()) {
                    case HEARTBEAT, NEWS -> heartbeat(peer, port.path(), socket, length, now - waited);
                    case QUESTION -> {
                        heartbeat(peer, port.path(), socket, length, now - waited);
                        urgent = true;
                    }
                    case MESSAGE -> message(peer, length);
                    case LIFE_LINE -> {
                        // belongs on a connection
                    }
                }
            }
        }
    }

    /** Whether a peer was heard from that address on that path. Others may send from there too, but only few hosts can. */
    private boolean isKnownHost(int path, DeviceDatagramSocket socket) {
        for (Peer peer : peers) {
            SocketEndpoint known = peer.recorded(path);
            if (known != null && socket.cameFromHost(known)) {
                return true;
            }
        }
        return false;
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
        told = requests.standing();
        sender.beat(told, monitor.isAnybodyOverdue() ? Kind.QUESTION : urgent ? Kind.NEWS : Kind.HEARTBEAT, now);
        urgent = false;
        beatenNanos = now;
        long late = now - beatDueNanos;
        boolean inTime = late >= -keepaliveNanos / EARLY && late < keepaliveNanos / 2;
        beatDueNanos = (inTime ? beatDueNanos : now)
                + keepaliveNanos
                + BeatPhase.shiftNanos(keepaliveNanos, monitor.onlyPeerHeardNanos(), now);
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
        urgent = true; // asks it
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
