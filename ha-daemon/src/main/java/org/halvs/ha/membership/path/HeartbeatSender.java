package org.halvs.ha.membership.path;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.List;
import org.halvs.ha.config.Timing;
import org.halvs.ha.membership.path.Authenticator.Kind;
import org.halvs.linux.DeviceDatagramSocket;

/** Writes what this node sends, and sends it on every path. Confined to the thread {@code paths}. */
final class HeartbeatSender {
    private static final Logger LOG = System.getLogger(HeartbeatSender.class.getName());
    /**
     * A program that has just started runs slowly and by fits and starts. For so long peers are told to be patient with it, by the deadtime it states.
     */
    private static final long WARMING_NANOS = 10_000_000_000L;

    private static final int WARMING_DEADTIME_MILLIS = 500;

    private final Roster roster;
    private final Timing timing;
    private final Authenticator authenticator;
    private final PathMonitor monitor;
    private final List<PathPort> ports;
    private final int paths;
    private final long startNanos;
    private final byte[] datagram = new byte[DeviceDatagramSocket.LONGEST_DATAGRAM];
    private final ByteBuffer buffer = ByteBuffer.wrap(datagram);

    HeartbeatSender(
            Roster roster,
            Timing timing,
            Authenticator authenticator,
            PathMonitor monitor,
            List<PathPort> ports,
            int paths,
            long startNanos) {
        this.roster = roster;
        this.timing = timing;
        this.authenticator = authenticator;
        this.monitor = monitor;
        this.ports = ports;
        this.paths = paths;
        this.startNanos = startNanos;
    }

    /** When this node began to send. */
    long startNanos() {
        return startNanos;
    }

    /**
     * One heartbeat on each path.
     *
     * @param kind {@link Kind#HEARTBEAT}, {@link Kind#NEWS} or {@link Kind#QUESTION}
     */
    void beat(Standing standing, Kind kind, long nowNanos) {
        buffer.position(Authenticator.PAYLOAD_AT);
        Heartbeat.write(
                buffer,
                standing.flags(),
                (int) timing.keepalive().toMillis(),
                statedDeadtimeMillis(nowNanos),
                roster,
                monitor,
                authenticator,
                standing.view());
        int common = buffer.position();
        for (int path = 0; path < paths; path++) {
            buffer.position(common);
            Heartbeat.writePath(buffer, path, roster, monitor);
            int length = authenticator.seal(datagram, kind, buffer.position() - Authenticator.PAYLOAD_AT);
            for (PathPort port : ports) {
                if (port.path() == path) {
                    port.send(datagram, length);
                }
            }
        }
    }

    private int statedDeadtimeMillis(long nowNanos) {
        int deadtime = (int) timing.deadtime().toMillis();
        return nowNanos - startNanos < WARMING_NANOS ? Math.max(deadtime, WARMING_DEADTIME_MILLIS) : deadtime;
    }

    /**
     * One message, the same on all paths.
     *
     * @param to a node's key; 0 for all
     */
    void message(long to, byte[] bytes) {
        int length = Long.BYTES + bytes.length;
        if (Authenticator.PAYLOAD_AT + length > Authenticator.LONGEST) {
            LOG.log(Level.WARNING, "a message of {0} bytes is too long for a datagram", bytes.length);
            return;
        }
        buffer.putLong(Authenticator.PAYLOAD_AT, to);
        buffer.put(Authenticator.PAYLOAD_AT + Long.BYTES, bytes);
        int total = authenticator.seal(datagram, Kind.MESSAGE, length);
        for (PathPort port : ports) {
            if (Outbox.isLong(bytes)) {
                port.sendBulk(datagram, total);
            } else {
                port.send(datagram, total);
            }
        }
    }
}
