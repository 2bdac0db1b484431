package org.halvs.ipvs.sync;

import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.connection.SctpState;
import org.halvs.ipvs.connection.TcpState;
import org.halvs.ipvs.packet.IpProtocol;

/**
 * When a connection is told to the other director ({@code ip_vs_sync_conn_needed}). Immutable.
 *
 * <p>{@link #mayBeDue} is asked for every packet, so it costs a multiplication and nothing else: whether {@code packets - threshold} is a multiple
 * of the period is seen from the low half of its product with {@code 2^64 / period} (Lemire, Kaser, Kurz: Faster Remainder by Direct Computation).
 */
public final class SyncRules {
    /** Nothing is ever due. */
    public static final SyncRules OFF = new SyncRules(1L << 32, 0, 0, 0, 0, false, 0);

    private static final int SECOND = 1000;

    private final long threshold;
    private final long factor;
    private final long limit;
    private final int watchedFlags;
    private final int refreshSeconds;
    private final int retries;
    private final boolean templatesOnly;

    private SyncRules(
            long threshold,
            long factor,
            long limit,
            int refreshSeconds,
            int retries,
            boolean templatesOnly,
            int watchedFlags) {
        this.threshold = threshold;
        this.factor = factor;
        this.limit = limit;
        this.refreshSeconds = refreshSeconds;
        this.retries = retries;
        this.templatesOnly = templatesOnly;
        this.watchedFlags = watchedFlags;
    }

    /**
     * Rules by the settings of {@code net.ipv4.vs}.
     *
     * @param threshold the first number of sync_threshold: which packet of each period is due, 0 or more
     * @param period the second, above the first; 0: only that one packet, or any when there is a refresh period
     * @param refreshSeconds sync_refresh_period: a connection is told again only when its end moved so far; 0: whenever it is due
     * @param retries sync_retries: how often it is told again before, 0 to 3
     * @param templatesOnly sync_persist_mode: connections of a template are not told, the template says enough
     */
    public static SyncRules of(int threshold, int period, int refreshSeconds, int retries, boolean templatesOnly) {
        int watched = ConnectionFlag.SYNC_DUE;
        if (period > 0) {
            long factor = Long.divideUnsigned(-1L, period) + 1;
            return new SyncRules(threshold, factor, factor - 1, refreshSeconds, retries, templatesOnly, watched);
        }
        return refreshSeconds > 0
                ? new SyncRules(0, 0, 0, refreshSeconds, retries, templatesOnly, watched)
                : new SyncRules(threshold, 1, 0, 0, retries, templatesOnly, watched);
    }

    /**
     * Whether a connection may have to be told with this packet; when not, it need not be looked at any closer.
     *
     * @param flags of the connection
     * @param packets from the client so far, this one included
     */
    public boolean mayBeDue(int flags, int packets) {
        long beyond = packets - threshold;
        return (flags & watchedFlags) != 0 || beyond >= 0 && Long.compareUnsigned(beyond * factor, limit) <= 0;
    }

    public boolean templatesOnly() {
        return templatesOnly;
    }

    /** Whether connections of a protocol are told in a state at all. */
    public static boolean isTold(int protocol, int state) {
        return switch (protocol) {
            case IpProtocol.TCP -> state == TcpState.ESTABLISHED.ordinal() || isToldAtOnce(protocol, state);
            case IpProtocol.SCTP -> state == SctpState.ESTABLISHED.ordinal() || isToldAtOnce(protocol, state);
            default -> true;
        };
    }

    /** Whether a change into a state is told with the next packet from the client: the end of a connection shortens its life. */
    public static boolean isToldAtOnce(int protocol, int state) {
        return switch (protocol) {
            case IpProtocol.TCP ->
                state == TcpState.FIN_WAIT.ordinal()
                        || state == TcpState.CLOSE.ordinal()
                        || state == TcpState.CLOSE_WAIT.ordinal()
                        || state == TcpState.TIME_WAIT.ordinal();
            case IpProtocol.SCTP ->
                state == SctpState.SHUTDOWN_SENT.ordinal()
                        || state == SctpState.SHUTDOWN_RECEIVED.ordinal()
                        || state == SctpState.SHUTDOWN_ACK_SENT.ordinal()
                        || state == SctpState.CLOSED.ordinal();
            default -> false;
        };
    }

    /**
     * Whether a connection that is due is told after all, when it was told before.
     *
     * @param toldEnd the second in which it would have ended by what was told last
     * @param toldTimes how often that end has been told again already
     * @param endSeconds the second in which it ends now
     * @return 0 for no; 1 for yes; 2 and more for yes, the so many-th time plus one
     */
    public int again(int toldEnd, int toldTimes, int endSeconds, int nowSeconds, int timeoutMillis) {
        if (refreshSeconds == 0) {
            return 1;
        }
        int timeout = timeoutMillis / SECOND;
        int least = Math.min(refreshSeconds, Math.max(timeout / 2, 10));
        if (Math.abs(endSeconds - toldEnd) >= least) {
            return 1;
        }
        boolean retry = toldTimes < retries && nowSeconds >= toldEnd - timeout + refreshSeconds / 8;
        return retry ? toldTimes + 2 : 0;
    }

    /** Whether a connection nobody was told of for long should be told now, so that the other director does not forget it before this one. */
    public static boolean isStale(int toldEnd, int endSeconds, int timeoutMillis) {
        return Math.abs(endSeconds - toldEnd) >= Math.max(timeoutMillis / SECOND / 2, 10);
    }
}
