package org.halvs.ipvs.port;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.forward.Offload;

/** The way of a packet into this machine's own stack past the guard. Confined to the worker's thread. */
public interface LocalDelivery extends AutoCloseable {

    /**
     * Puts a packet in.
     *
     * @param offset of the Ethernet header of the frame in {@code segment}
     * @return whether it went in; a false is counted as a drop
     */
    boolean deliver(MemorySegment segment, long offset, int length, Offload offload);

    /** Whether the stack is to take packets it translates to its loopback addresses, from now on; it is not before. */
    default void acceptLoopback(boolean accept) {}

    @Override
    void close();
}
