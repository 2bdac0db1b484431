package org.halvs.linux;

import java.nio.ByteBuffer;

/**
 * A reverse ARP request (RFC 903) of a MAC for itself, broadcast: it shows every bridge on the network by which port the MAC is reached now. It names no IP
 * address, so no host learns anything wrong from it. Hypervisors tell switches of a moved machine by the same frame (QEMU {@code net/announce.c}, VMware's
 * "notify switches").
 *
 * @param mac the source of the frame
 */
public record ReverseArpFrame(MacAddress mac) {
    /** {@code ETH_P_RARP}. */
    public static final int ETHERTYPE = 0x8035;

    private static final int BYTES = 42;
    private static final short HARDWARE_ETHERNET = 1;
    private static final short PROTOCOL_IPV4 = 0x0800;
    private static final short REVERSE_REQUEST = 3;

    /** The frame of 42 bytes; the device pads it to the least length of Ethernet. */
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .put(MacAddress.BROADCAST.bytes())
                .put(mac.bytes())
                .putShort((short) ETHERTYPE)
                .putShort(HARDWARE_ETHERNET)
                .putShort(PROTOCOL_IPV4)
                .put((byte) 6)
                .put((byte) 4)
                .putShort(REVERSE_REQUEST)
                .put(mac.bytes())
                .putInt(0)
                .put(mac.bytes())
                .putInt(0)
                .array();
    }
}
