package org.halvs.ipvs.port;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.forward.Offload;
import org.halvs.ipvs.forward.PacketBuffer;

/**
 * The frames of one network interface. Confined to the thread of its worker, except for {@link #counters} and {@link #close}.
 *
 * <p>One turn is: {@link #receive} a batch, {@link #transmit} what it leads to (on any port), {@link #flush} the ports that got something, then
 * {@link #release} the batch.
 */
public interface PacketPort extends AutoCloseable {

    /** The kernel's number of the interface. */
    int interfaceIndex();

    String interfaceName();

    /**
     * Takes received frames, oldest first, without waiting. Frames that cannot be forwarded whole are counted and left out.
     *
     * @param into is pointed at the frames, from the first element on; their memory is valid until {@link #release}
     * @return how many, 0 to the length of {@code into}
     */
    int receive(PacketBuffer[] into);

    /** Receives only frames a filter asks for, from now on. A port may receive others too; before the first call it receives all. */
    void filter(TrafficFilter filter);

    /** Whether the next {@link #receive} would find something. */
    boolean isReady();

    /** Whether memory belongs to frames this port has received. */
    boolean owns(MemorySegment segment);

    /**
     * Queues a frame.
     *
     * @param segment native memory
     * @param offset of the Ethernet header
     * @param stable whether the memory stays as it is until {@link #flush}; otherwise the frame is copied
     */
    void transmit(MemorySegment segment, long offset, int length, Offload offload, boolean stable);

    /** Sends what is queued. Frames that cannot be sent are counted and forgotten. */
    void flush();

    /** Gives back the memory of all frames received so far. */
    void release();

    /** The figures of now; may be called by any thread. */
    PortCounters counters();

    @Override
    void close();
}
