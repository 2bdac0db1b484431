package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import org.halvs.linux.IpAddress;

/**
 * Where a processor's frames go. Called from the processor's thread while it handles a packet (or expires a queue), any number of times for one
 * packet: a datagram may leave as fragments, a super-packet as segments, a dropped packet is answered with an ICMP error.
 *
 * <p>The memory of a frame is valid during the call only: a sink that keeps a frame copies it. The same holds for the {@link Offload}.
 */
public interface FrameSink {
    /** Takes frames and does nothing with them. */
    FrameSink NOWHERE = new FrameSink() {
        @Override
        public void transmit(int interfaceIndex, MemorySegment s, long offset, int length, Offload offload) {}

        @Override
        public void deliverLocally(int interfaceIndex, MemorySegment s, long offset, int length, Offload offload) {}

        @Override
        public void unresolved(
                int interfaceIndex, IpAddress nextHop, MemorySegment s, long offset, int length, Offload offload) {}
    };

    /**
     * Sends a complete Ethernet frame.
     *
     * @param interfaceIndex the interface it leaves by
     * @param offset of the first byte of the Ethernet header in {@code segment}
     * @param offload what a card or the kernel has to finish; {@link Offload#isNone()} for most frames
     */
    void transmit(int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload);

    /**
     * Gives a frame to this machine's own network stack, as if it had come in on {@code interfaceIndex}: a real server that is the director
     * itself. The port withholds the traffic of served addresses from the stack, so it has to find another way in.
     */
    void deliverLocally(int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload);

    /**
     * A frame that is ready but for the Ethernet address of its next hop, which {@link NetworkView} does not know. The sink keeps a bounded
     * number of such frames, has the kernel resolve the address, fills in bytes 0 to 5 and sends; or gives up after a while.
     *
     * @param nextHop the address to resolve on {@code interfaceIndex}
     */
    void unresolved(
            int interfaceIndex, IpAddress nextHop, MemorySegment segment, long offset, int length, Offload offload);
}
