package org.halvs.ipvs.forward;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.sync.KernelSync;
import org.halvs.ipvs.sync.KernelSyncFormat;
import org.halvs.ipvs.sync.KernelSyncVersion0;
import org.halvs.ipvs.sync.SyncRecord;
import org.halvs.ipvs.sync.SyncRules;
import org.jspecify.annotations.Nullable;

/**
 * Tells of connections exactly when, and in exactly the datagrams in which, a master daemon of the kernel does ({@code ip_vs_sync_conn}). For
 * replays, which are compared with recordings of a kernel; it allocates, and does not run in a daemon.
 */
final class KernelMaster implements KernelSync {
    private static final long SECOND = 1_000_000_000L;
    /** How long connections are collected before a datagram that is not full is sent too. */
    private static final long COLLECT_NANOS = 2 * SECOND;
    /** The thread of the kernel's master looks so often. */
    private static final long LOOK_NANOS = SECOND;
    /** A connection's end moved at least so far, whatever the refresh period, is worth telling. */
    private static final long LEAST_MOVE_NANOS = 10 * SECOND;

    /** {@code IP_VS_CONN_F_NFCT}: the connection has an entry in connection tracking too. */
    private static final int TRACKED = 0x10000;

    private static final int FTP = 21;

    /** The flags of the kernel without that of entries in the hash table, which it does not send. */
    private static final int KERNEL_FLAGS = 0x3fff & ~0x40;

    /** What was told of a connection last. */
    private record Told(int state, long endNanos, int repeats) {}

    private final ConnectionTable table;
    private final SyncedConnections records;
    private final Adoption adoption;
    /** By index; holds for an entry with {@link ConnectionFlag#SYNC_TOLD} only. */
    private final Map<Integer, Told> told = new HashMap<>();

    private final List<byte[]> full = new ArrayList<>();
    private IpvsSettings settings = IpvsSettings.DEFAULT;
    private boolean running;
    private int syncId;
    private int longest;
    private long nextLookNanos;
    private @Nullable ByteBuffer current;
    private boolean currentIsVersion0;
    private long currentSinceNanos;

    KernelMaster(Connections connections, SyncedConnections records, Adoption adoption) {
        this.table = connections.table;
        this.records = records;
        this.adoption = adoption;
    }

    void settings(IpvsSettings changed) {
        settings = changed;
    }

    @Override
    public void startMaster(int id, int bytes, long nowNanos) {
        running = true;
        syncId = id;
        longest = bytes;
        nextLookNanos = nowNanos + LOOK_NANOS;
    }

    @Override
    public void stopMaster() {
        running = false;
        full.clear();
        current = null;
    }

    @Override
    public List<byte[]> due(long nowNanos) {
        List<byte[]> due = new ArrayList<>(full);
        full.clear();
        if (nowNanos >= nextLookNanos || !due.isEmpty()) {
            if (current != null && nowNanos - currentSinceNanos >= COLLECT_NANOS) {
                finish(due);
            }
            nextLookNanos = nowNanos + LOOK_NANOS;
        }
        return due;
    }

    @Override
    public void learn(ByteBuffer datagram, int id, long nowNanos) {
        KernelSyncFormat.read(datagram, id)
                .or(() -> KernelSyncVersion0.read(datagram, id))
                .ifPresent(read ->
                        read.forEach(one -> adoption.learn(one, settings.value(Setting.SYNC_THRESHOLD), nowNanos)));
    }

    /** A connection that others depend on was to end and was given more time. */
    void outlived(int connection, long nowNanos) {
        packet(connection, settings.value(Setting.SYNC_THRESHOLD), nowNanos);
    }

    /** Whether this node tells a kernel's ip_vs of its connections. */
    boolean isRunning() {
        return running;
    }

    /**
     * A packet from the client was forwarded and counted.
     *
     * @param packets from the client so far, this one included
     */
    void packet(int connection, int packets, long nowNanos) {
        if (running) {
            consider(connection, packets, nowNanos);
        }
    }

    /** Tells of what is due with a packet. By itself: what every packet asks where nobody is told stays small enough to be inlined. */
    private void consider(int connection, int packets, long nowNanos) {
        boolean version0 = settings.value(Setting.SYNC_VERSION) == 0;
        int each = connection;
        int count = packets;
        while (each != ConnectionTable.NONE) {
            boolean told = !table.has(each, ConnectionFlag.ONE_PACKET)
                    && !(version0 && table.isIpv6(each))
                    && isNeeded(each, count, nowNanos);
            if (told) {
                put(each, version0, nowNanos);
            } else if (version0) {
                return; // only then does the kernel leave out what controls the connection
            }
            each = table.control(each);
            if (each != ConnectionTable.NONE) {
                count = table.isTemplate(each) ? table.countInPacket(each) : settings.value(Setting.SYNC_THRESHOLD);
            }
        }
    }

    /** {@code ip_vs_sync_conn_needed}. */
    private boolean isNeeded(int connection, int packets, long nowNanos) {
        @Nullable Told before = table.has(connection, ConnectionFlag.SYNC_TOLD) ? told.get(connection) : null;
        boolean template = table.isTemplate(connection);
        int protocol = table.protocol(connection);
        int state = table.state(connection);
        long endNanos = nowNanos + table.timeoutMillis(connection) * 1_000_000L;
        if (!template) {
            if (settings.on(Setting.SYNC_PERSIST_MODE) && dependsOnTemplate(connection)) {
                return false;
            }
            if (!SyncRules.isTold(protocol, state)) {
                return false;
            }
            int toldState = before == null ? 0 : before.state;
            if (state != toldState && SyncRules.isToldAtOnce(protocol, state)) {
                remember(connection, new Told(state, endNanos, 0));
                return true;
            }
        }
        int repeats = 0;
        long refreshNanos = settings.value(Setting.SYNC_REFRESH_PERIOD) * SECOND;
        if (refreshNanos > 0) {
            long timeoutNanos = endNanos - nowNanos;
            long toldEnd = before == null ? nowNanos : before.endNanos;
            if (Math.abs(endNanos - toldEnd) < Math.min(refreshNanos, Math.max(timeoutNanos / 2, LEAST_MOVE_NANOS))) {
                int toldRepeats = before == null ? 0 : before.repeats;
                if (toldRepeats >= settings.value(Setting.SYNC_RETRIES)
                        || nowNanos < toldEnd - timeoutNanos + refreshNanos / 8) {
                    return false;
                }
                repeats = toldRepeats + 1;
            }
        }
        int threshold = settings.value(Setting.SYNC_THRESHOLD);
        int period = settings.value(Setting.SYNC_PERIOD);
        boolean counts = period > 0 ? !template : refreshNanos == 0;
        if (counts && (period > 0 ? packets % period : packets) != threshold) {
            return false;
        }
        remember(connection, new Told(state, endNanos, repeats));
        return true;
    }

    private boolean dependsOnTemplate(int connection) {
        int control = table.control(connection);
        while (control != ConnectionTable.NONE && !table.isTemplate(control)) {
            control = table.control(control);
        }
        return control != ConnectionTable.NONE;
    }

    private void remember(int connection, Told what) {
        told.put(connection, what);
        table.flags(connection, table.flags(connection) | ConnectionFlag.SYNC_TOLD);
    }

    private void put(int connection, boolean version0, long nowNanos) {
        SyncRecord record = records.record(connection);
        record.flags = table.flags(connection) & KERNEL_FLAGS | (isTracked(connection) ? TRACKED : 0);
        record.helped = (record.flags & (ConnectionFlag.IN_SEQUENCE | ConnectionFlag.OUT_SEQUENCE)) != 0;
        if (current != null && currentIsVersion0 != version0) {
            finish(full);
        }
        if (current != null && add(current, record, version0)) {
            return;
        }
        if (current != null) {
            finish(full);
        }
        ByteBuffer fresh = begin(longest, version0);
        if (!add(fresh, record, version0)) {
            fresh = begin(1 << 16, version0); // one connection always goes, however short datagrams are to be
            if (!add(fresh, record, version0)) {
                return;
            }
        }
        current = fresh;
        currentIsVersion0 = version0;
        currentSinceNanos = nowNanos;
    }

    /** With the setting, and what the FTP helper has to do with, the kernel keeps its connection tracking. */
    private boolean isTracked(int connection) {
        if (settings.on(Setting.CONNTRACK)) {
            return true;
        }
        int control = table.control(connection);
        boolean masqueradedTcp = table.protocol(connection) == IpProtocol.TCP
                && (table.flags(connection) & (ConnectionFlag.METHOD | ConnectionFlag.TEMPLATE))
                        == ConnectionFlag.MASQUERADE;
        return masqueradedTcp
                && (table.virtualPort(connection) == FTP
                        || control != ConnectionTable.NONE && !table.isTemplate(control));
    }

    private ByteBuffer begin(int bytes, boolean version0) {
        ByteBuffer datagram = ByteBuffer.allocate(Math.max(bytes, 8));
        if (version0) {
            KernelSyncVersion0.begin(datagram, syncId);
        } else {
            KernelSyncFormat.begin(datagram, syncId);
        }
        return datagram;
    }

    private static boolean add(ByteBuffer datagram, SyncRecord record, boolean version0) {
        return version0 ? KernelSyncVersion0.add(datagram, record) : KernelSyncFormat.add(datagram, record);
    }

    private void finish(List<byte[]> to) {
        ByteBuffer datagram = current;
        if (datagram != null) {
            byte[] bytes = new byte[datagram.position()];
            datagram.get(0, bytes);
            to.add(bytes);
            current = null;
        }
    }
}
