package org.halvs.ipvs.sync;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The two synchronisation daemons of the kernel ({@code net/netfilter/ipvs/ip_vs_sync.c}), but for the sockets: what a master would send, what a
 * backup learns. HALVS's own directors tell each other more, by {@link ConnectionSync}. Confined to the thread that forwards.
 */
public interface KernelSync {

    /**
     * Begins to tell of connections.
     *
     * @param syncId 0 to 255, stands in every datagram
     * @param longest bytes of a datagram, without the headers of IP and UDP
     */
    void startMaster(int syncId, int longest, long nowNanos);

    /** Tells nothing any more; what was not sent yet is lost, as with the kernel. */
    void stopMaster();

    /** The datagrams to be sent now: full ones at once, others two to three seconds after their first connection. */
    List<byte[]> due(long nowNanos);

    /**
     * Takes in a datagram of a master, of version 0 or 1.
     *
     * @param syncId of the masters that are listened to; 0 for all
     */
    void learn(ByteBuffer datagram, int syncId, long nowNanos);

    /** Of a core without connections. */
    KernelSync NONE = new KernelSync() {
        @Override
        public void startMaster(int syncId, int longest, long nowNanos) {}

        @Override
        public void stopMaster() {}

        @Override
        public List<byte[]> due(long nowNanos) {
            return List.of();
        }

        @Override
        public void learn(ByteBuffer datagram, int syncId, long nowNanos) {}
    };
}
