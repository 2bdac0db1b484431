package org.halvs.ipvs.forward;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.SyncBatch;
import org.halvs.ipvs.sync.SyncCounters;
import org.halvs.ipvs.sync.SyncOutbox;
import org.halvs.ipvs.sync.SyncRecord;
import org.halvs.ipvs.sync.SyncRules;

/** Tells the other director of connections served here ({@code ip_vs_sync.c}); {@link Adoption} takes in what it tells. */
final class SyncedConnections implements ConnectionSync {
    private static final long SECOND = 1_000_000_000L;
    private static final int CHUNK_BITS = 14;
    private static final int CHUNK = 1 << CHUNK_BITS;
    /** Entries looked at for one page: less than a millisecond, whatever they are. */
    private static final int LOOKED_AT = 16_384;
    /** Each entry is looked at again after so long. */
    private static final long ROUND_NANOS = 60 * SECOND;
    /** Entries bound in a tick after a takeover. */
    private static final int BOUND_IN_A_TICK = 32_768;
    /** What a template says changes with every connection; told at most once a second. */
    private static final int TEMPLATE_SECONDS = 1;

    private final Connections connections;
    private final ConnectionTable table;
    private final Adoption adoption;
    private final KernelMaster kernel;
    private final SyncOutbox outbox = new SyncOutbox();
    private final SyncRecord record = new SyncRecord();
    /** By index, valid with {@link ConnectionFlag#SYNC_TOLD}: the second of the end that was told, shifted by two; below it times or state. */
    private int[][] told = new int[0][];

    private SyncRules rules = SyncRules.OFF;
    private IpvsSettings settings = IpvsSettings.DEFAULT;
    private boolean sending;
    private final TableRound refreshes = new TableRound(ROUND_NANOS, 0);
    private int bindCursor = Integer.MAX_VALUE;
    private long copied;

    SyncedConnections(Connections connections, LateBinding binding) {
        this.connections = connections;
        this.table = connections.table;
        this.adoption = new Adoption(connections, binding);
        this.kernel = new KernelMaster(connections, this, adoption);
        connections.whenOutlived(kernel::outlived);
    }

    KernelMaster kernel() {
        return kernel;
    }

    void settings(IpvsSettings changed) {
        settings = changed;
        kernel.settings(changed);
        outbox.limit(changed.value(Setting.SYNC_QLEN_MAX));
        rules = !sending
                ? SyncRules.OFF
                : SyncRules.of(
                        changed.value(Setting.SYNC_THRESHOLD),
                        changed.value(Setting.SYNC_PERIOD),
                        changed.value(Setting.SYNC_REFRESH_PERIOD),
                        changed.value(Setting.SYNC_RETRIES),
                        changed.on(Setting.SYNC_PERSIST_MODE));
    }

    @Override
    public void send(boolean on) {
        sending = on;
        settings(settings);
    }

    @Override
    public SyncOutbox outbox() {
        return outbox;
    }

    @Override
    public void adopt(ByteBuffer records, long nowNanos) {
        adoption.adopt(records, nowNanos);
    }

    @Override
    public SyncCounters counters() {
        return new SyncCounters(
                outbox.added(),
                outbox.dropped(),
                copied,
                adoption.learnt,
                adoption.renewed,
                adoption.ignored,
                adoption.refused);
    }

    // ---- telling ----

    /**
     * Whether {@link #packet} may have something to do.
     *
     * @param flags of the connection
     * @param packets from the client so far, this one included
     */
    boolean mayBeDue(int flags, int packets) {
        return kernel.isRunning() || rules.mayBeDue(flags, packets);
    }

    /**
     * A packet from the client was forwarded and counted; the timer starts anew, now or in a moment.
     *
     * @param flags of the connection
     * @param packets from the client so far, this one included
     */
    void packet(int connection, int flags, int packets, long nowNanos) {
        if (rules.mayBeDue(flags, packets)) {
            due(connection, table.flags(connection), nowNanos);
        }
        kernel.packet(connection, packets, nowNanos);
    }

    private void due(int connection, int flags, long nowNanos) {
        boolean atOnce = (flags & ConnectionFlag.SYNC_DUE) != 0;
        if (atOnce) {
            table.flags(connection, flags & ~ConnectionFlag.SYNC_DUE);
        }
        if (!SyncRules.isTold(table.protocol(connection), table.state(connection))) {
            return;
        }
        // what the connection depends on goes first, so that the other side can link them
        for (int control = table.control(connection);
                control != ConnectionTable.NONE;
                control = table.control(control)) {
            controlDue(control, nowNanos);
        }
        if ((flags & ConnectionFlag.ONE_PACKET) != 0 || (flags & ConnectionFlag.METHOD) == ConnectionFlag.BYPASS) {
            return;
        }
        if (rules.templatesOnly() && hasTemplate(connection)) {
            return;
        }
        int timeout = table.timeoutMillis(connection);
        int end = seconds(nowNanos + timeout * 1_000_000L);
        int times = 0;
        if (!atOnce && table.has(connection, ConnectionFlag.SYNC_TOLD)) {
            int before = told(connection);
            int again = rules.again(before >> 2, before & 3, end, seconds(nowNanos), timeout);
            if (again == 0) {
                return;
            }
            times = again - 1;
        }
        put(connection, timeout, nowNanos);
        told(connection, end << 2 | times);
    }

    private boolean hasTemplate(int connection) {
        int control = table.control(connection);
        while (control != ConnectionTable.NONE) {
            if (table.isTemplate(control)) {
                return true;
            }
            control = table.control(control);
        }
        return false;
    }

    private void controlDue(int control, long nowNanos) {
        boolean known = table.has(control, ConnectionFlag.SYNC_TOLD);
        int end = seconds(table.expiresNanos(control));
        int state = table.state(control) & 3;
        if (known) {
            int before = told(control);
            boolean same = (before & 3) == state || !table.isTemplate(control);
            if (same && (!table.isTemplate(control) || Math.abs(end - (before >> 2)) < TEMPLATE_SECONDS)) {
                return;
            }
        }
        if (isShareable(control)) {
            put(control, remaining(control, nowNanos), nowNanos);
            told(control, end << 2 | (table.isTemplate(control) ? state : 0));
        }
    }

    private void put(int connection, int remainingMillis, long nowNanos) {
        fill(connection, remainingMillis);
        outbox.add(record, nowNanos);
    }

    private int told(int connection) {
        return told[connection >>> CHUNK_BITS][connection & CHUNK - 1];
    }

    private void told(int connection, int value) {
        int chunk = connection >>> CHUNK_BITS;
        if (chunk >= told.length) {
            int known = told.length;
            told = Arrays.copyOf(told, chunk + 1);
            for (int i = known; i <= chunk; i++) {
                told[i] = new int[CHUNK];
            }
        }
        told[chunk][connection & CHUNK - 1] = value;
        table.flags(connection, table.flags(connection) | ConnectionFlag.SYNC_TOLD);
    }

    private static int seconds(long nanos) {
        return (int) (nanos / SECOND);
    }

    private int remaining(int connection, long nowNanos) {
        return Math.clamp((table.expiresNanos(connection) - nowNanos) / 1_000_000, 0, Integer.MAX_VALUE);
    }

    /** A connection as it is told, until the next one is. */
    SyncRecord record(int connection) {
        fill(connection, 0);
        return record;
    }

    private void fill(int connection, int remainingMillis) {
        record.clear();
        int flags = table.flags(connection);
        record.ipv6 = (flags & ConnectionFlag.IPV6) != 0;
        record.otherFamily = (flags & ConnectionFlag.OTHER_FAMILY) != 0;
        record.protocol = table.protocol(connection);
        record.state = table.state(connection);
        record.flags = flags & SyncRecord.TOLD_FLAGS;
        record.clientHigh = table.clientHigh(connection);
        record.clientLow = table.clientLow(connection);
        record.clientPort = table.clientPort(connection);
        record.virtualHigh = table.virtualHigh(connection);
        record.virtualLow = table.virtualLow(connection);
        record.virtualPort = table.virtualPort(connection);
        record.destinationHigh = table.destinationHigh(connection);
        record.destinationLow = table.destinationLow(connection);
        record.destinationPort = table.destinationPort(connection);
        record.mark = table.mark(connection);
        record.timeoutMillis = table.timeoutMillis(connection);
        record.remainingMillis = remainingMillis;
        record.inPackets = table.inPackets(connection);
        int control = table.control(connection);
        if (control != ConnectionTable.NONE) {
            record.controlled = true;
            record.controlTemplate = table.isTemplate(control);
            record.controlProtocol = table.protocol(control);
            record.controlClientHigh = table.clientHigh(control);
            record.controlClientLow = table.clientLow(control);
            record.controlClientPort = table.clientPort(control);
            record.controlVirtualHigh = table.virtualHigh(control);
            record.controlVirtualLow = table.virtualLow(control);
            record.controlVirtualPort = table.virtualPort(control);
        }
        ExtraData.Extra extra = connections.extra().find(table.extra(connection));
        if (extra != null) {
            extra.tell(record);
        }
    }

    // ---- copying all ----

    /** Whether a connection may be told at all: a SYN flood stays with the director it hits. */
    private boolean isShareable(int connection) {
        int flags = table.flags(connection);
        if ((flags & (ConnectionFlag.ONE_PACKET | ConnectionFlag.INVALIDATED)) != 0
                || (flags & ConnectionFlag.METHOD) == ConnectionFlag.BYPASS) {
            return false;
        }
        return (flags & ConnectionFlag.TEMPLATE) != 0
                || SyncRules.isTold(table.protocol(connection), table.state(connection));
    }

    private boolean isServed(int connection) {
        ServerEntry server = connections.server(connection);
        return server != null && server.service != null;
    }

    @Override
    public long page(long cursor, SyncBatch page, long nowNanos) {
        boolean templates = cursor >>> 32 == 0;
        int index = (int) cursor;
        for (int looked = 0; looked < LOOKED_AT; looked++) {
            if (index >= table.limit()) {
                if (!templates) {
                    return NO_PAGE;
                }
                templates = false;
                index = 0;
                continue;
            }
            if (table.exists(index) && table.isTemplate(index) == templates && isShareable(index) && isServed(index)) {
                int remaining = remaining(index, nowNanos);
                fill(index, remaining);
                if (!page.add(record)) {
                    break;
                }
                copied++;
                told(index, seconds(table.expiresNanos(index)) << 2 | (templates ? table.state(index) & 3 : 0));
            }
            index++;
        }
        return (templates ? 0 : 1L << 32) | index;
    }

    // ---- time ----

    /** The table of services changed: connections that were told of before their server was there look for it again. */
    void servicesChanged() {
        bindCursor = 0;
    }

    /** Lets time pass: from 200 times a second under load to once a second where nothing comes. */
    void tick(long nowNanos) {
        int limit = table.limit();
        for (int done = 0; done < BOUND_IN_A_TICK && bindCursor < limit; done++, bindCursor++) {
            if (table.exists(bindCursor)
                    && table.server(bindCursor) == ConnectionTable.NONE
                    && table.has(bindCursor, ConnectionFlag.SYNC)) {
                ServerEntry _ = connections.server(bindCursor);
            }
        }
        int due = refreshes.due(limit, nowNanos);
        if (sending) {
            refresh(due, limit, nowNanos);
        }
    }

    /**
     * Tells again of connections whose packets are so few that the other director would forget them before this one does. The kernel leaves that
     * to {@code sync_refresh_period}, and only with every so many-th packet.
     */
    private void refresh(int due, int limit, long nowNanos) {
        for (int looked = 0; looked < due; looked++) {
            int connection = refreshes.next(limit);
            if (table.exists(connection)
                    && table.has(connection, ConnectionFlag.SYNC_TOLD)
                    && isStale(connection)
                    && isShareable(connection)
                    && isServed(connection)) {
                int state = table.isTemplate(connection) ? table.state(connection) & 3 : 0;
                put(connection, remaining(connection, nowNanos), nowNanos);
                told(connection, seconds(table.expiresNanos(connection)) << 2 | state);
            }
        }
    }

    private boolean isStale(int connection) {
        int before = told(connection);
        return SyncRules.isStale(before >> 2, seconds(table.expiresNanos(connection)), table.timeoutMillis(connection))
                || table.isTemplate(connection) && (before & 3) != (table.state(connection) & 3);
    }
}
