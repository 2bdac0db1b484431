package org.halvs.linux;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The neighbour solicitation by which a node asks whether an IPv6 address is taken, without claiming any address itself: from the unspecified address, as in
 * duplicate address detection (RFC 4862 section 5.4.2). Who has the address answers to all nodes. What an ARP probe is for IPv4.
 *
 * @param mac of the interface it leaves by
 */
public record NeighbourProbe(MacAddress mac, IpAddress target) {
    /** {@code ETH_P_IPV6}. */
    public static final int ETHERTYPE = 0x86dd;

    private static final int ETHERNET_HEADER_BYTES = 14;
    private static final int IPV6_HEADER_BYTES = 40;
    private static final int MESSAGE_BYTES = 24;
    private static final int NEXT_HEADER_ICMPV6 = 58;
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    private static final byte[] UNSPECIFIED = new byte[16];

    public NeighbourProbe {
        if (target.isIpv4()) {
            throw new IllegalArgumentException("a neighbour solicitation is for IPv6, not for " + target);
        }
    }

    /** The Ethernet frame to the address's solicited-node group (RFC 4291 section 2.7.1), with checksum. */
    public byte[] bytes() {
        byte[] address = target.bytes();
        byte[] group = {(byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, (byte) 0xff, address[13], address[14], address[15]
        };
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + MESSAGE_BYTES)
                .put(new byte[] {0x33, 0x33, (byte) 0xff, address[13], address[14], address[15]})
                .put(mac.bytes())
                .putShort((short) ETHERTYPE)
                .putInt(6 << 28)
                .putShort((short) MESSAGE_BYTES)
                .put((byte) NEXT_HEADER_ICMPV6)
                .put((byte) 255)
                .put(UNSPECIFIED)
                .put(group);
        int message = frame.position();
        frame.put((byte) SOLICITATION)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(0)
                .put(address);
        long sum = InternetChecksum.sum(frame.array(), ETHERNET_HEADER_BYTES + 8, message - ETHERNET_HEADER_BYTES - 8)
                + InternetChecksum.sum(frame.array(), message, MESSAGE_BYTES)
                + MESSAGE_BYTES
                + NEXT_HEADER_ICMPV6;
        frame.putShort(message + 2, InternetChecksum.fold(sum));
        return frame.array();
    }

    /**
     * Who advertises which address in a received frame, with the source of the frame as the MAC; empty for anything but a neighbour advertisement that came
     * from the same link (hop limit 255).
     */
    public static Optional<NeighbourProbe> advertised(byte[] frame) {
        int message = ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES;
        if (frame.length < message + MESSAGE_BYTES) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        boolean advertisement = buffer.getShort(12) == (short) ETHERTYPE
                && buffer.get(ETHERNET_HEADER_BYTES + 6) == NEXT_HEADER_ICMPV6
                && buffer.get(ETHERNET_HEADER_BYTES + 7) == (byte) 255
                && Byte.toUnsignedInt(buffer.get(message)) == ADVERTISEMENT;
        if (!advertisement) {
            return Optional.empty();
        }
        byte[] mac = new byte[6];
        buffer.get(6, mac);
        byte[] target = new byte[16];
        buffer.get(message + 8, target);
        return Optional.of(new NeighbourProbe(MacAddress.ofBytes(mac), IpAddress.ofBytes(target)));
    }
}
