package org.halvs.ipvs.forward;

import org.halvs.ipvs.connection.ConnectionTable;

/**
 * Ends the connections and templates of servers that left the table, with {@code expire_nodest_conn} ({@code ip_vs_expire_nodest_conn_flush}). Walks the table
 * in portions, as the kernel does it in the background.
 */
final class Forgetting {
    /** Entries looked at in one portion: less than a millisecond. */
    private static final int PORTION = 20_000;

    private final Connections connections;
    private int next = Integer.MAX_VALUE;

    Forgetting(Connections connections) {
        this.connections = connections;
    }

    /** A server has left the table: the walk begins anew. */
    void begin() {
        next = 0;
    }

    /** Walks on. */
    void advance(long nowNanos) {
        ConnectionTable table = connections.table;
        if (next >= table.limit()) {
            return;
        }
        int end = Math.min(table.limit(), next + PORTION);
        for (; next < end; next++) {
            if (table.exists(next) && table.controlled(next) == 0) {
                ServerEntry server = connections.server(next);
                if (server != null && !server.isAvailable()) {
                    forget(next, nowNanos);
                }
            }
        }
    }

    /** A template without connections goes too, and with its last connection even one that was assured. */
    private void forget(int connection, long nowNanos) {
        ConnectionTable table = connections.table;
        int control = table.control(connection);
        connections.drop(connection, nowNanos);
        if (control != ConnectionTable.NONE && table.exists(control) && table.controlled(control) == 0) {
            connections.drop(control, nowNanos);
        }
    }
}
