package org.halvs.ipvs.replay;

import java.nio.ByteBuffer;
import org.halvs.ipvs.capture.FrameBytes;

/**
 * Blanks out what a director may choose: the identification of IPv4 packets it makes itself and of outer headers that may be fragmented, the
 * flow label of ICMPv6 errors it makes itself, the identification of IPv6 fragments, the source port of GUE, the time in timestamp options, and the
 * checksums over these.
 */
final class FreeFields {
    private static final int ETHERNET_HEADER = 14;
    private static final int GUE_PORT = 6080;

    private FreeFields() {}

    /** @param hex a frame the director sent */
    static String blank(String hex) {
        byte[] frame = FrameBytes.ofHex(hex).toArray();
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        int type = bytes.getShort(12) & 0xffff;
        if (type == 0x0800) {
            blankIpv4(bytes);
        } else if (type == 0x86dd && bytes.get(ETHERNET_HEADER + 6) == 17) {
            blankGue(bytes, ETHERNET_HEADER + 40);
        } else if (type == 0x86dd && bytes.get(ETHERNET_HEADER + 6) == 44) {
            bytes.putInt(ETHERNET_HEADER + 44, 0);
            if (bytes.get(ETHERNET_HEADER + 40) == 17 && (bytes.getShort(ETHERNET_HEADER + 42) & ~7) == 0) {
                blankGue(bytes, ETHERNET_HEADER + 48);
            }
        } else if (type == 0x86dd && bytes.get(ETHERNET_HEADER + 6) == 58 && bytes.get(ETHERNET_HEADER + 7) == 64) {
            // the flow label of the director's own errors is a hash with a key the kernel draws at boot
            bytes.putInt(ETHERNET_HEADER, bytes.getInt(ETHERNET_HEADER) & 0xfff00000);
        }
        return FrameBytes.of(frame).toString();
    }

    private static void blankIpv4(ByteBuffer bytes) {
        int ip = ETHERNET_HEADER;
        int protocol = bytes.get(ip + 9) & 255;
        int ttl = bytes.get(ip + 8) & 255;
        int fragment = bytes.getShort(ip + 6) & 0xffff;
        int payload = ip + (bytes.get(ip) & 15) * 4;
        boolean outer = bytes.getInt(ip + 12) == 0x0a000201
                && (protocol == 4 || protocol == 41 || protocol == 47 || protocol == 17);
        boolean error = protocol == 1 && ttl == 64; // what is passed on has lost one hop
        boolean mayBeFragmented = (fragment & 0x4000) == 0;
        if (error || outer && mayBeFragmented) {
            bytes.putShort(ip + 4, (short) 0);
            bytes.putShort(ip + 10, (short) 0);
        }
        blankTimes(bytes, ip);
        if (error && bytes.limit() >= payload + 28 && blankTimes(bytes, payload + 8)) {
            bytes.putShort(payload + 2, (short) 0);
        }
        if (protocol == 4 && (fragment & 0x1fff) == 0 && bytes.limit() >= payload + 20) {
            blankTimes(bytes, payload);
        }
        if (outer && protocol == 17 && (fragment & 0x1fff) == 0) {
            blankGue(bytes, payload);
        }
    }

    /** Blanks the times a header of IPv4 has, with its checksum; answers whether there are any. */
    private static boolean blankTimes(ByteBuffer bytes, int ip) {
        int end = Math.min(bytes.limit(), ip + (bytes.get(ip) & 15) * 4);
        int at = ip + 20;
        while (at + 4 <= end && bytes.get(at) != 0) {
            int kind = bytes.get(at) & 255;
            int size = kind == 1 ? 1 : Math.max(2, bytes.get(at + 1) & 255);
            if (kind == 68) {
                int entry = (bytes.get(at + 3) & 15) == 0 ? 4 : 8;
                int pointer = Math.min(bytes.get(at + 2) & 255, size + 1);
                for (int next = pointer - 1 - entry; next >= 4 && at + next + entry <= end; next -= entry) {
                    bytes.putInt(at + next + entry - 4, 0);
                }
                bytes.putShort(ip + 10, (short) 0);
                return true;
            }
            at += size;
        }
        return false;
    }

    private static void blankGue(ByteBuffer bytes, int udp) {
        if ((bytes.getShort(udp + 2) & 0xffff) != GUE_PORT) {
            return;
        }
        bytes.putShort(udp, (short) 0);
        if (bytes.getShort(udp + 6) != 0) {
            bytes.putShort(udp + 6, (short) 1);
        }
    }
}
