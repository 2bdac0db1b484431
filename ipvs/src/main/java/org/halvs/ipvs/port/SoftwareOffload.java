package org.halvs.ipvs.port;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.halvs.ipvs.forward.Offload;

/** What a kernel without virtio headers on packet sockets would have told or done: finds and finishes unfinished checksums. */
final class SoftwareOffload {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ETHERNET_BYTES = 14;
    private static final int ETH_P_IP = 0x0800;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final int IPV6_BYTES = 40;

    private SoftwareOffload() {}

    /** Notes in {@code offload} where the checksum is that the sender left unfinished. Other protocols than TCP and UDP are left alone. */
    static void describe(MemorySegment segment, long frame, int length, Offload offload) {
        if (length < ETHERNET_BYTES + IPV6_BYTES) {
            return; // shorter than the shortest TCP or UDP packet that could be meant: 14 + 20 + 20, except for UDP
            // without payload
        }
        boolean ipv4 = (segment.get(SHORT, frame + 12) & 0xffff) == ETH_P_IP;
        long ip = frame + ETHERNET_BYTES;
        int protocol = segment.get(ValueLayout.JAVA_BYTE, ip + (ipv4 ? 9 : 6));
        int headerBytes = ipv4 ? (segment.get(ValueLayout.JAVA_BYTE, ip) & 0xf) * 4 : IPV6_BYTES;
        if (protocol == TCP || protocol == UDP) {
            offload.checksumPartial(ETHERNET_BYTES + headerBytes, protocol == TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
        }
    }

    /** Replaces the sum of the pseudo-header in the checksum field by the checksum (RFC 1071). */
    static void finishChecksum(MemorySegment segment, long frame, int length, Offload offload) {
        int start = offload.checksumStart();
        int field = start + offload.checksumOffset();
        if (field + 2 > length) {
            return;
        }
        long sum = 0;
        int at = start;
        for (; at + 1 < length; at += 2) {
            sum += segment.get(SHORT, frame + at) & 0xffff;
        }
        if (at < length) {
            sum += (segment.get(ValueLayout.JAVA_BYTE, frame + at) & 0xff) << 8;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        int checksum = (int) ~sum & 0xffff;
        // UDP: 0 means "none", so its equal in one's complement stands for it (RFC 768)
        boolean udp = offload.checksumOffset() == UDP_CHECKSUM;
        segment.set(SHORT, frame + field, (short) (udp && checksum == 0 ? 0xffff : checksum));
    }
}
