package org.halvs.linux;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An ICMP (RFC 792) or ICMPv6 (RFC 4443) echo message as the raw sockets of Linux want and give it.
 *
 * @param identifier of the sending program, 16 bits
 * @param sequence 16 bits
 * @param token 8 bytes of payload that come back unchanged; tell requests apart when sequence numbers repeat
 */
record EchoPacket(int identifier, int sequence, long token) {
    private static final int BYTES = 16;
    private static final int ICMP_REQUEST = 8;
    private static final int ICMP_REPLY = 0;
    private static final int ICMPV6_REQUEST = 128;
    private static final int ICMPV6_REPLY = 129;

    /** The request of the family, with checksum (which the kernel computes once more for ICMPv6). */
    byte[] request(IpAddress.Family family) {
        int type = family == IpAddress.Family.IPV4 ? ICMP_REQUEST : ICMPV6_REQUEST;
        ByteBuffer packet = ByteBuffer.allocate(BYTES)
                .putShort((short) (type << 8))
                .putShort((short) 0)
                .putShort((short) identifier)
                .putShort((short) sequence)
                .putLong(token);
        packet.putShort(2, InternetChecksum.fold(InternetChecksum.sum(packet.array(), 0, BYTES)));
        return packet.array();
    }

    /**
     * Reads a reply.
     *
     * @param received what a raw socket gave: for IPv4 with the IP header, for IPv6 without
     * @return empty when it is anything else
     */
    static Optional<EchoPacket> parseReply(IpAddress.Family family, ByteBuffer received) {
        int start = family == IpAddress.Family.IPV4 && received.limit() > 0 ? (received.get(0) & 0xf) * 4 : 0;
        int type = family == IpAddress.Family.IPV4 ? ICMP_REPLY : ICMPV6_REPLY;
        if (received.limit() < start + BYTES || Byte.toUnsignedInt(received.get(start)) != type) {
            return Optional.empty();
        }
        return Optional.of(new EchoPacket(
                Short.toUnsignedInt(received.getShort(start + 4)),
                Short.toUnsignedInt(received.getShort(start + 6)),
                received.getLong(start + 8)));
    }
}
