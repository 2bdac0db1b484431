package org.halvs.linux;

import java.nio.ByteBuffer;

/**
 * The unsolicited neighbour advertisement by which a node tells all others on a link that an IPv6 address is at its MAC
 * now (RFC 4861 sections 4.4 and 7.2.6): what gratuitous ARP is for IPv4.
 *
 * @param mac the node's MAC, which is the source of the frame and the advertised one
 * @param target the advertised address, which is also the source of the packet
 * @param router whether the node forwards packets on this interface; a wrong "no" makes hosts drop it as a default
 *     router
 */
public record NeighbourAdvertisement(MacAddress mac, IpAddress target, boolean router) {
    private static final MacAddress ALL_NODES_MAC = new MacAddress(0x3333_0000_0001L);
    private static final IpAddress ALL_NODES = IpAddress.of("ff02::1");
    private static final int ETHERNET_HEADER_BYTES = 14;
    private static final int IPV6_HEADER_BYTES = 40;
    private static final int MESSAGE_BYTES = 32;
    private static final short ETHERTYPE_IPV6 = (short) 0x86dd;
    private static final int NEXT_HEADER_ICMPV6 = 58;
    private static final int TYPE = 136;
    private static final int ROUTER_FLAG = 0x8000_0000;
    private static final int OVERRIDE_FLAG = 0x2000_0000;
    private static final int TARGET_MAC_OPTION = 2;

    public NeighbourAdvertisement {
        if (target.isIpv4()) {
            throw new IllegalArgumentException("a neighbour advertisement is for IPv6, not for " + target);
        }
    }

    /** The Ethernet frame to all nodes, with checksum and the hop limit of 255 that receivers insist on. */
    public byte[] bytes() {
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + MESSAGE_BYTES)
                .put(ALL_NODES_MAC.bytes())
                .put(mac.bytes())
                .putShort(ETHERTYPE_IPV6)
                .putInt(6 << 28)
                .putShort((short) MESSAGE_BYTES)
                .put((byte) NEXT_HEADER_ICMPV6)
                .put((byte) 255)
                .put(target.bytes())
                .put(ALL_NODES.bytes());
        int message = frame.position();
        frame.put((byte) TYPE)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(OVERRIDE_FLAG | (router ? ROUTER_FLAG : 0))
                .put(target.bytes())
                .put((byte) TARGET_MAC_OPTION)
                .put((byte) 1) // in units of 8 bytes
                .put(mac.bytes());
        frame.putShort(message + 2, checksum(frame.array(), message));
        return frame.array();
    }

    /** Over the pseudo header (RFC 8200 section 8.1) and the message. */
    private static short checksum(byte[] frame, int message) {
        int addresses = ETHERNET_HEADER_BYTES + 8;
        long sum = InternetChecksum.sum(frame, addresses, message - addresses)
                + MESSAGE_BYTES
                + NEXT_HEADER_ICMPV6
                + InternetChecksum.sum(frame, message, MESSAGE_BYTES);
        return InternetChecksum.fold(sum);
    }
}
