package org.halvs.ipvs.scheduler;

import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/** A real server as a scheduler sees it: identity, weight and load. A member of one {@link DestinationList}. */
public class Destination {
    private final IpAddress address;
    private final int port;
    private int weight;
    private int lastWeight;
    private boolean overloaded;
    private boolean available;
    private int active;
    private int inactive;

    @Nullable
    Destination next;

    @Nullable
    Destination previous;

    protected Destination(IpAddress address, int port, int weight) {
        this.address = address;
        this.port = port;
        this.weight = weight;
        this.lastWeight = weight;
    }

    public final IpAddress address() {
        return address;
    }

    public final int port() {
        return port;
    }

    public final int weight() {
        return weight;
    }

    public final void weight(int newWeight) {
        weight = newWeight;
        if (newWeight != 0) {
            lastWeight = newWeight;
        }
    }

    /** As after being made with this weight: also 0 counts as its last weight from now on. */
    public final void weightAnew(int firstWeight) {
        weight = firstWeight;
        lastWeight = firstWeight;
    }

    /** The last weight that was not 0, or 0 when it never had another. */
    public final int lastWeight() {
        return lastWeight;
    }

    /** Whether it has as many connections as its upper threshold allows. */
    public final boolean isOverloaded() {
        return overloaded;
    }

    public final void overloaded(boolean on) {
        overloaded = on;
    }

    /** Whether it stands in its service's list; a deleted one keeps its connections but does not. */
    public final boolean isAvailable() {
        return available;
    }

    final void available(boolean on) {
        available = on;
    }

    /** Whether it takes new connections: a weight above 0, and not overloaded. */
    public final boolean takesConnections() {
        return weight > 0 && !overloaded;
    }

    public final int active() {
        return active;
    }

    public final int inactive() {
        return inactive;
    }

    public final void count(int activeChange, int inactiveChange) {
        active += activeChange;
        inactive += inactiveChange;
    }

    /** The load lc and wlc compare: an active connection weighs 256 times an inactive one ({@code ip_vs_dest_conn_overhead}). */
    final long overhead() {
        return ((long) active << 8) + inactive;
    }

    /** The next in the list, or null at its end. */
    public final @Nullable Destination next() {
        return next;
    }
}
