package org.halvs.ha.membership.path;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.membership.path.Authenticator.Kind;
import org.halvs.linux.DeviceStream;
import org.halvs.linux.DeviceStreamListener;
import org.halvs.linux.Errno;
import org.halvs.linux.LinuxException;
import org.halvs.linux.SocketEndpoint;

/**
 * The life lines: a TCP connection to each peer on each path, on which nothing is said after both sides have shown with one signed message which lives it
 * joins. When a process ends, whatever its keepalive, its kernel ends its connections in that moment. A connection that breaks in any other way (a reset by a
 * firewall, by an administrator) says nothing and is made anew. Of two nodes the one with the smaller key connects. Confined to the thread {@code paths}.
 */
final class LifeLines {
    /** Hears of the lines. */
    interface Observer {
        /** The other end closed the line, as a kernel does when the process has ended. */
        void ended(int peer);

        /** A line broke in another way; the peer may not know. */
        void broken(int peer);
    }

    private static final int GREETING_BYTES = Authenticator.PAYLOAD_AT + NodeId.BYTES;
    private static final long GREETING_LIMIT_NANOS = 3_000_000_000L;
    private static final long RETRY_NANOS = 1_000_000_000L;
    /** Connections that have not said yet whose they are. */
    private static final int MOST_STRANGERS = 16;

    private static final int STRANGER = -1;

    private final Roster roster;
    private final Authenticator authenticator;
    private final long incarnation;
    private final int paths;
    private final Observer observer;
    private final List<Line> lines = new ArrayList<>();
    private final long[] triedNanos;
    private final byte[] greeting = new byte[GREETING_BYTES];
    private boolean changed;

    /** A connection. */
    static final class Line {
        final DeviceStream stream;
        int path;
        final long openedNanos;
        final byte[] received = new byte[GREETING_BYTES];
        int length;
        int peer;
        boolean stands;

        Line(DeviceStream stream, int peer, int path, long openedNanos) {
            this.stream = stream;
            this.peer = peer;
            this.path = path;
            this.openedNanos = openedNanos;
        }
    }

    LifeLines(Roster roster, Authenticator authenticator, long incarnation, int paths, Observer observer) {
        this.roster = roster;
        this.authenticator = authenticator;
        this.incarnation = incarnation;
        this.paths = paths;
        this.observer = observer;
        triedNanos = new long[roster.size() * paths];
    }

    /**
     * Takes over the connections of another.
     *
     * @param formerPeers for each peer its number there, negative for a new one; connections with others are dropped there first
     * @param formerPaths likewise for each path
     */
    void inherit(LifeLines former, int[] formerPeers, int[] formerPaths) {
        for (Line line : List.copyOf(former.lines)) {
            int path = indexOf(formerPaths, line.path);
            int peer = line.peer == STRANGER ? STRANGER : indexOf(formerPeers, line.peer);
            if (path < 0 || peer < 0 && line.peer != STRANGER) {
                former.drop(line);
            } else {
                line.path = path;
                line.peer = peer;
                lines.add(line);
            }
        }
        changed = true;
    }

    private static int indexOf(int[] numbers, int number) {
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] == number) {
                return i;
            }
        }
        return -1;
    }

    List<Line> lines() {
        return lines;
    }

    /** Whether other connections are to be waited for than at the last call. */
    boolean takeChanged() {
        boolean result = changed;
        changed = false;
        return result;
    }

    /** Whether this node is the one to connect to that peer, and has no line on that path. */
    boolean isMissing(int peer, int path) {
        return roster.localKey() < roster.key(peer) && find(peer, path).isEmpty();
    }

    /** Connects, unless that was tried a moment ago. */
    void connect(int peer, int path, String device, SocketEndpoint to, long nowNanos) {
        int slot = peer * paths + path;
        if (triedNanos[slot] != 0 && nowNanos - triedNanos[slot] < RETRY_NANOS) {
            return;
        }
        triedNanos[slot] = nowNanos;
        try {
            lines.add(new Line(DeviceStream.connect(device, to), peer, path, nowNanos));
            changed = true;
        } catch (LinuxException _) {
            // the path is down in this direction; tried again
        }
    }

    void accept(DeviceStreamListener listener, int path, long nowNanos) {
        for (Optional<DeviceStream> stream = listener.accept(); stream.isPresent(); stream = listener.accept()) {
            if (lines.stream().filter(line -> line.peer == STRANGER).count() >= MOST_STRANGERS) {
                stream.get().close();
            } else {
                lines.add(new Line(stream.get(), STRANGER, path, nowNanos));
                changed = true;
            }
        }
    }

    /** Something came on a line. */
    void ready(Line line, long nowNanos) {
        if (line.stream.isConnecting()) {
            changed = true;
            if (line.stream.finishConnecting() != 0 || !greet(line)) {
                drop(line);
            }
            return;
        }
        if (line.length == GREETING_BYTES) {
            byte[] nothing = new byte[1];
            lost(line, line.stream.read(nothing, 0));
            return;
        }
        int got = line.stream.read(line.received, line.length);
        if (got <= 0) {
            lost(line, got);
            return;
        }
        line.length += got;
        if (line.length == GREETING_BYTES && !greeted(line, nowNanos)) {
            drop(line);
        }
    }

    private boolean greet(Line line) {
        ByteBuffer payload = ByteBuffer.wrap(greeting).position(Authenticator.PAYLOAD_AT);
        new NodeId(roster.key(line.peer), authenticator.incarnation(line.peer)).write(payload);
        int length = authenticator.seal(greeting, Kind.LIFE_LINE, NodeId.BYTES);
        return line.stream.write(greeting, length);
    }

    /** Whether the line may stay. */
    private boolean greeted(Line line, long nowNanos) {
        if (!authenticator.open(line.received, GREETING_BYTES, true, nowNanos)
                || authenticator.kind() != Kind.LIFE_LINE) {
            return false;
        }
        NodeId addressed = NodeId.read(ByteBuffer.wrap(line.received).position(Authenticator.PAYLOAD_AT));
        int peer = authenticator.sender();
        if (!addressed.equals(new NodeId(roster.localKey(), incarnation))
                || line.peer != STRANGER && line.peer != peer) {
            return false;
        }
        if (line.peer == STRANGER) {
            find(peer, line.path).ifPresent(this::drop); // the peer knows it is gone, else it would not connect again
            line.peer = peer;
            if (!greet(line)) {
                return false;
            }
        }
        line.stands = true;
        return true;
    }

    private void lost(Line line, int result) {
        if (result > 0 || result == -Errno.EAGAIN.number()) {
            return; // nothing is said on a line, and what is said does not matter
        }
        drop(line);
        if (line.stands) {
            if (result == 0) {
                observer.ended(line.peer);
            } else {
                observer.broken(line.peer);
            }
        }
    }

    private Optional<Line> find(int peer, int path) {
        for (Line line : lines) {
            if (line.peer == peer && line.path == path) {
                return Optional.of(line);
            }
        }
        return Optional.empty();
    }

    /** What this node ends itself ends in another way than by the end of its process. */
    private void drop(Line line) {
        line.stream.abort();
        changed |= lines.remove(line);
    }

    /** Drops what never showed whose it is. */
    void tend(long nowNanos) {
        for (Line line : List.copyOf(lines)) {
            if (!line.stands && nowNanos - line.openedNanos >= GREETING_LIMIT_NANOS) {
                drop(line);
            }
        }
    }

    /** Drops a peer's lines, on all paths: the life they joined this node with is over or out of reach. They may be made anew at once. */
    void forget(int peer) {
        for (int path = 0; path < paths; path++) {
            forget(peer, path);
        }
    }

    void forget(int peer, int path) {
        find(peer, path).ifPresent(this::drop);
        triedNanos[peer * paths + path] = 0;
    }

    void closeAll() {
        List.copyOf(lines).forEach(this::drop);
    }
}
