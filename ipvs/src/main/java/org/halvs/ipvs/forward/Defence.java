package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.connection.SctpState;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.IpProtocol;

/**
 * What keeps a flood from taking all memory ({@code update_defense_level}, {@code ip_vs_random_dropentry}): dropping some packets that would make
 * connections, dropping half-open and idle connections at random, the stricter TCP table. The kernel's automatic modes go by free memory; here they
 * go by the fill of the table, which is the memory that can run out: short is above seven eighths.
 */
final class Defence {
    private static final long SECOND = 1_000_000_000L;
    /** A 32nd of the table is looked at each second. */
    private static final long ROUND_NANOS = 32 * SECOND;

    private static final int OLD_SECONDS = 60;
    private static final int QUIET_PACKETS = 8;
    /** The mode that is on whatever the memory; 1 and 2 are automatic. */
    private static final int ALWAYS = 3;

    private final Connections connections;
    private final ConnectionTable table;
    /** By the packets an entry had: how many idle ones are spared until one is dropped ({@code todrop_counter}). */
    private final int[] spared = new int[QUIET_PACKETS + 1];

    private IpvsSettings settings = IpvsSettings.DEFAULT;
    private boolean dropsEntries;
    private int dropRate;
    private int dropCounter;
    private final TableRound search;

    /** @param nowNanos the time from which entries are searched */
    Defence(Connections connections, long nowNanos) {
        this.search = new TableRound(ROUND_NANOS, nowNanos);
        this.connections = connections;
        this.table = connections.table;
    }

    void settings(IpvsSettings changed) {
        settings = changed;
        update();
    }

    /** Whether the packet that would make a connection now is dropped. */
    boolean dropsPacket() {
        if (dropRate == 0 || --dropCounter > 0) {
            return false;
        }
        dropCounter = dropRate;
        return true;
    }

    /** Once a second. */
    void tick() {
        update();
    }

    /** Lets time pass for the search for entries to drop, which goes on all the time: a large table searched in one go would be a pause. */
    void advance(long nowNanos) {
        int due = search.due(table.limit(), nowNanos);
        if (dropsEntries) {
            dropEntries(due, nowNanos);
        }
    }

    private boolean isShort() {
        return table.size() > table.capacity() - table.capacity() / 8;
    }

    private void update() {
        boolean isShort = isShort();
        dropsEntries = isOn(Setting.DROP_ENTRY, isShort);
        dropRate = 0;
        if (settings.value(Setting.DROP_PACKET) == ALWAYS) {
            // COMPAT: the counter is left as it is, so that the first packet after switching on is dropped.
            dropRate = settings.value(Setting.AM_DROPRATE);
        } else if (isOn(Setting.DROP_PACKET, isShort)) {
            // The kernel's rule with free entries in the place of free pages: the emptier the rest, the more is
            // dropped.
            int threshold = Math.max(1, table.capacity() / 8);
            int available = Math.max(0, table.capacity() - table.size());
            dropRate = Math.max(1, threshold / Math.max(1, threshold - available));
            dropCounter = dropRate;
        }
        connections.secureTcp(isOn(Setting.SECURE_TCP, isShort));
    }

    private boolean isOn(Setting setting, boolean isShort) {
        int mode = settings.value(setting);
        return mode == ALWAYS || mode != 0 && isShort;
    }

    private void dropEntries(int due, long nowNanos) {
        int limit = table.limit();
        for (int looked = 0; looked < due; looked++) {
            int connection = search.next(limit);
            if (table.exists(connection) && mayGo(connection, nowNanos)) {
                connections.drop(connection, nowNanos);
            }
        }
    }

    private boolean mayGo(int connection, long nowNanos) {
        if (table.controlled(connection) > 0) {
            return false;
        }
        if (table.isTemplate(connection)) {
            return isOnePacket(connection) ? idle(connection, nowNanos) : table.state(connection) == 0;
        }
        int state = table.state(connection);
        return switch (table.protocol(connection)) {
            case IpProtocol.TCP ->
                state == TcpState.SYN_RECV.ordinal()
                        || state == TcpState.SYNACK.ordinal()
                        || state == TcpState.ESTABLISHED.ordinal() && idle(connection, nowNanos);
            case IpProtocol.SCTP ->
                state == SctpState.INIT1.ordinal()
                        || state == SctpState.INIT.ordinal()
                        || state == SctpState.ESTABLISHED.ordinal() && idle(connection, nowNanos);
            default -> !table.has(connection, ConnectionFlag.ONE_PACKET) && idle(connection, nowNanos);
        };
    }

    /** Whether a template is of a service of one-packet scheduling: no connection of it will ever assure it. */
    private boolean isOnePacket(int template) {
        ServerEntry server = connections.server(template);
        ServiceEntry service = server == null ? null : server.service;
        return service != null && service.service.onePacket();
    }

    /** Quiet for a minute, and then one in as many as the packets it ever had, up to eight ({@code todrop_entry}). */
    private boolean idle(int connection, long nowNanos) {
        long quietNanos = nowNanos - (table.expiresNanos(connection) - table.timeoutMillis(connection) * 1_000_000L);
        int packets = table.inPackets(connection);
        if (quietNanos < OLD_SECONDS * SECOND || packets <= 0 || packets > QUIET_PACKETS || --spared[packets] > 0) {
            return false;
        }
        spared[packets] = packets;
        return true;
    }
}
