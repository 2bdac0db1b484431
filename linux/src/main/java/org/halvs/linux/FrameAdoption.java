package org.halvs.linux;

import java.util.Collection;
import java.util.Optional;

/**
 * Has this machine take IP packets for some of its addresses also out of frames that are addressed to the MAC of another machine. What else is sent to that
 * MAC, such as packets for the other machine's own addresses, stays where it was: nobody here takes it. Confined to one thread at a time.
 */
public interface FrameAdoption extends AutoCloseable {

    /**
     * Frames to take.
     *
     * @param linkIndex the interface they come in by, and {@code device} its name
     * @param mac the destination of the frame
     * @param address the destination of the packet in it, or the target of an ARP request in it
     */
    record Adopted(int linkIndex, String device, MacAddress mac, IpAddress address) {}

    /** What was noticed of an adopted MAC. */
    sealed interface Heard {
        /** Some host sent a packet to it. */
        record Sender(int linkIndex, IpAddress address, MacAddress mac) implements Heard {}

        /** It has sent a frame itself: the machine it belongs to is there. */
        record Owner(int linkIndex, MacAddress mac) implements Heard {}
    }

    /**
     * Takes exactly these from now on; leaves nothing behind when there are none.
     *
     * @throws LinuxException when the kernel refuses. The interfaces may receive the frames all the same, for whoever reads them by a packet socket
     */
    void adopt(Collection<Adopted> adopted);

    /**
     * Waits for something to be heard. Of many senders only some are told. Blocks a platform thread.
     *
     * @param timeoutMillis how long at most; 0 only looks
     * @return empty when there was nothing, and at once while nothing is adopted
     */
    Optional<Heard> hear(int timeoutMillis);

    /** Ends it all. */
    @Override
    void close();
}
