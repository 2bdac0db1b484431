package org.halvs.ipvs.port;

/**
 * What passed through a port since it was opened, in frames; a super-packet is one.
 *
 * @param received frames given to the worker
 * @param sent frames the kernel took
 * @param ringDrops lost before they were received, because the worker was too slow
 * @param truncated too long for the ring
 * @param congested not sent because a queue was full
 * @param refused not sent for another reason; the last one stands in the log
 */
public record PortCounters(long received, long sent, long ringDrops, long truncated, long congested, long refused) {
    public static final PortCounters ZERO = new PortCounters(0, 0, 0, 0, 0, 0);

    /** All frames that were lost. */
    public long lost() {
        return ringDrops + truncated + congested + refused;
    }
}
