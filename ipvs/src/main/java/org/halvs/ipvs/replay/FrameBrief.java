package org.halvs.ipvs.replay;

import java.util.Arrays;
import java.util.Optional;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.linux.IpAddress;

/** A frame in a few words: {@code 198.18.3.1>10.0.1.100 TCP 26000>80 S ttl=64}. For people; broken frames give what could be read. */
final class FrameBrief {
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int VLAN = 0x8100;
    private static final int ARP = 0x0806;
    private static final int ETHERNET_HEADER = 14;

    /** Where the IP header of a frame begins and who talks to whom. */
    record Ends(int ipOffset, IpAddress source, IpAddress destination) {}

    private FrameBrief() {}

    /** Reads the addresses of an IP packet; empty for anything else and for what is too short. */
    static Optional<Ends> ends(FrameBytes frame) {
        int offset = ETHERNET_HEADER;
        int type = frame.length() >= offset ? frame.wordAt(12) : 0;
        if (type == VLAN && frame.length() >= offset + 4) {
            type = frame.wordAt(16);
            offset += 4;
        }
        if (type == IPV4 && frame.length() >= offset + 20) {
            return Optional.of(new Ends(offset, address(frame, offset + 12, 4), address(frame, offset + 16, 4)));
        }
        if (type == IPV6 && frame.length() >= offset + 40) {
            return Optional.of(new Ends(offset, address(frame, offset + 8, 16), address(frame, offset + 24, 16)));
        }
        return Optional.empty();
    }

    private static IpAddress address(FrameBytes frame, int offset, int length) {
        return IpAddress.ofBytes(frame.range(offset, length));
    }

    static String of(FrameBytes frame) {
        Optional<Ends> ends = ends(frame);
        if (ends.isEmpty()) {
            int type = frame.length() >= ETHERNET_HEADER ? frame.wordAt(12) : 0;
            return type == ARP ? "ARP" : "ethertype 0x" + Integer.toHexString(type);
        }
        Ends talk = ends.get();
        boolean ipv4 = talk.source().isIpv4();
        int ip = talk.ipOffset();
        int protocol = frame.at(ip + (ipv4 ? 9 : 6));
        int payload = ip + (ipv4 ? (frame.at(ip) & 15) * 4 : 40);
        int ttl = frame.at(ip + (ipv4 ? 8 : 7));
        boolean laterFragment = ipv4 && (frame.wordAt(ip + 6) & 0x1fff) != 0;
        return talk.source() + ">" + talk.destination() + " "
                + (laterFragment ? "fragment" : transport(frame, protocol, payload)) + " ttl=" + ttl;
    }

    private static String transport(FrameBytes frame, int protocol, int offset) {
        boolean ports = frame.length() >= offset + 4;
        return switch (protocol) {
            case 6 -> "TCP" + (ports ? ports(frame, offset) : "") + flags(frame, offset);
            case 17 -> "UDP" + (ports ? ports(frame, offset) : "");
            case 132 -> "SCTP" + (ports ? ports(frame, offset) : "");
            case 1 -> "ICMP" + (ports ? " t" + frame.at(offset) + " c" + frame.at(offset + 1) : "");
            case 58 -> "ICMPv6" + (ports ? " t" + frame.at(offset) + " c" + frame.at(offset + 1) : "");
            case 4 -> "IPIP";
            case 41 -> "IPv6";
            case 47 -> "GRE";
            case 50 -> "ESP";
            case 51 -> "AH";
            default -> "protocol " + protocol;
        };
    }

    private static String ports(FrameBytes frame, int offset) {
        return " " + frame.wordAt(offset) + ">" + frame.wordAt(offset + 2);
    }

    private static String flags(FrameBytes frame, int offset) {
        if (frame.length() < offset + 14) {
            return "";
        }
        int bits = frame.at(offset + 13);
        StringBuilder text = new StringBuilder(" ");
        for (int i : Arrays.asList(1, 0, 2, 3, 4)) {
            text.append((bits >> i & 1) != 0 ? "FSRPA".charAt(i) : "");
        }
        return text.toString();
    }
}
