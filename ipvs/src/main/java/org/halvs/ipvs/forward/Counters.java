package org.halvs.ipvs.forward;

import java.util.Arrays;
import org.halvs.ipvs.TrafficCounters;
import org.halvs.ipvs.TrafficRates;

/** The counters of one service, server or of everything, with the estimator of the kernel ({@code net/netfilter/ipvs/ip_vs_est.c}). */
final class Counters {
    // What packets count in; fields, so that a packet finds them with one read each.
    private long connections;
    private long inPackets;
    private long outPackets;
    private long inBytes;
    private long outBytes;
    /** What was there when the counters were zeroed. */
    private final long[] base = new long[5];

    private final long[] last = new long[5];
    /** What listings show: the counters as of the estimator's last pass. */
    private final long[] shown = new long[5];

    /** Smoothed rates, scaled by 2^10 for packets and connections and by 2^5 for bytes. */
    private final long[] rate = new long[5];

    private static final int CONNECTIONS = 0;
    private static final int IN_PACKETS = 1;
    private static final int OUT_PACKETS = 2;
    private static final int IN_BYTES = 3;

    void connection() {
        connections++;
    }

    void in(int bytes, int packets) {
        inPackets += packets;
        inBytes += bytes;
    }

    void out(int bytes, int packets) {
        outPackets += packets;
        outBytes += bytes;
    }

    private long value(int i) {
        return switch (i) {
            case CONNECTIONS -> connections;
            case IN_PACKETS -> inPackets;
            case OUT_PACKETS -> outPackets;
            case IN_BYTES -> inBytes;
            default -> outBytes;
        };
    }

    /** One pass of the estimator; called every two seconds. */
    void estimate() {
        for (int i = 0; i < last.length; i++) {
            long change = value(i) - last[i];
            last[i] += change;
            shown[i] = last[i];
            long now = change << (i < IN_BYTES ? 9 : 4);
            rate[i] += (now - rate[i]) >> 2;
        }
    }

    /**
     * Starts from zero; the rates too. COMPAT: what is listed becomes the zero point ({@code ip_vs_zero_stats}), so that traffic since the
     * estimator's last pass counts after it.
     */
    void zero() {
        System.arraycopy(shown, 0, base, 0, shown.length);
        System.arraycopy(shown, 0, last, 0, shown.length);
        Arrays.fill(rate, 0);
    }

    /** COMPAT: as of the estimator's last pass, up to two seconds ago, as the kernel lists them. */
    TrafficCounters snapshot() {
        return new TrafficCounters(shown(0), shown(1), shown(2), shown(3), shown(4));
    }

    private long shown(int i) {
        return shown[i] - base[i];
    }

    TrafficRates rates() {
        return new TrafficRates(
                packets(CONNECTIONS), packets(IN_PACKETS), packets(OUT_PACKETS), bytes(IN_BYTES), bytes(4));
    }

    private long packets(int i) {
        return rate[i] + 0x1ff >> 10;
    }

    private long bytes(int i) {
        return rate[i] + 0xf >> 5;
    }
}
