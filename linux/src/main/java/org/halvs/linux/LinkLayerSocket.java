package org.halvs.linux;

import java.util.Optional;

/** Sends Ethernet frames as they are, and receives those of ARP, {@code packet(7)}. Thread-safe. */
public interface LinkLayerSocket extends AutoCloseable {

    /** A frame and the interface it came in, or went out, by. Immutable. */
    final class Frame {
        private final int linkIndex;
        private final byte[] bytes;

        Frame(int linkIndex, byte[] bytes) {
            this.linkIndex = linkIndex;
            this.bytes = bytes.clone();
        }

        public int linkIndex() {
            return linkIndex;
        }

        /** From the Ethernet header on, a VLAN tag taken off. */
        public byte[] bytes() {
            return bytes.clone();
        }
    }

    /**
     * Opens a socket that only sends, in the network namespace of the calling thread. Receives nothing, so that nothing
     * piles up in it.
     */
    static LinkLayerSocket openForSending() {
        return LinuxLinkLayerSocket.open(0);
    }

    /** Opens a socket that sends, and receives the ARP frames of all interfaces, those it sent not included. */
    static LinkLayerSocket openForArp() {
        return openFor(ArpFrame.ETHERTYPE);
    }

    /** As {@link #openForArp} for another protocol, {@code 0x86dd} for IPv6. */
    static LinkLayerSocket openFor(int ethertype) {
        return LinuxLinkLayerSocket.open(ethertype);
    }

    /**
     * Sends one frame, without waiting.
     *
     * @param linkIndex the interface it leaves by
     * @param frame from the Ethernet header on, without padding and check sequence
     * @throws LinuxException {@code ENETDOWN} when the interface is down, {@code ENXIO} or {@code ENODEV} when there is
     *     none of this index, {@code ENOBUFS} when its queue is full
     */
    void send(int linkIndex, byte[] frame);

    /**
     * Waits for the next frame. Blocks a platform thread; virtual threads are refused with
     * {@link IllegalStateException}.
     *
     * @param timeoutMillis how long at most; 0 only looks
     * @return empty when none came in time, or after {@link #endReceiving}
     */
    Optional<Frame> receive(int timeoutMillis);

    /** Ends {@link #receive} for good. May be called by any thread. */
    void endReceiving();

    /** Closes the socket. Nobody may be in {@link #receive}. */
    @Override
    void close();
}
