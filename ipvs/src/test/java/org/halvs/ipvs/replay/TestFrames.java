package org.halvs.ipvs.replay;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.linux.IpAddress;

/**
 * Frames made of the words the recordings describe them with: {@code cl 198.18.4.1>10.0.1.100 TCP 28001>2009 S ttl=64} comes from the clients'
 * gateway, {@code be …} from the real server it names.
 */
final class TestFrames {
    private static final Pattern BRIEF =
            Pattern.compile("(cl|be) ([0-9.]+)>([0-9.]+) (TCP|UDP) ([0-9]+)>([0-9]+)(?: ([SFRPA]+))? ttl=([0-9]+)");

    /** A frame with where it comes in. */
    record Arrival(String interfaceName, FrameBytes bytes) {}

    private TestFrames() {}

    /** @param payload of a UDP packet; TCP packets have none */
    static Arrival of(String brief, Optional<String> payload) {
        Matcher matcher = BRIEF.matcher(brief);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a packet: " + brief);
        }
        boolean client = matcher.group(1).equals("cl");
        IpAddress source = IpAddress.of(matcher.group(2));
        IpAddress destination = IpAddress.of(matcher.group(3));
        int from = Integer.parseInt(matcher.group(5));
        int to = Integer.parseInt(matcher.group(6));
        byte[] transport = matcher.group(4).equals("TCP")
                ? tcp(from, to, Optional.ofNullable(matcher.group(7)).orElse(""))
                : udp(from, to, payload.orElse("x"));
        int protocol = matcher.group(4).equals("TCP") ? 6 : 17;
        fillChecksum(source, destination, protocol, transport);
        byte[] frame = new byte[34 + transport.length];
        ByteBuffer out = ByteBuffer.wrap(frame);
        out.put(client ? mac(1, 1) : mac(2, 1)).put(client ? mac(1, 2) : mac(2, source.ipv4() & 255));
        out.putShort((short) 0x0800);
        out.put((byte) 0x45).put((byte) 0).putShort((short) (20 + transport.length));
        out.putShort((short) 1).putShort((short) 0x4000);
        out.put((byte) Integer.parseInt(matcher.group(8))).put((byte) protocol).putShort((short) 0);
        out.putInt(source.ipv4()).putInt(destination.ipv4());
        out.putShort(24, (short) ~sum(frame, 14, 20, 0));
        out.put(transport);
        return new Arrival(client ? "e0" : "e1", FrameBytes.of(frame));
    }

    private static byte[] mac(int network, int host) {
        return new byte[] {2, 0, 0, 0, (byte) network, (byte) host};
    }

    private static byte[] tcp(int from, int to, String flags) {
        byte[] segment = new byte[20];
        int bits = 0;
        for (int i = 0; i < flags.length(); i++) {
            bits |= 1 << "FSRPA".indexOf(flags.charAt(i));
        }
        ByteBuffer.wrap(segment)
                .putShort((short) from)
                .putShort((short) to)
                .putInt(1)
                .putInt(2)
                .put((byte) 0x50)
                .put((byte) bits)
                .putShort((short) 64240);
        return segment;
    }

    private static byte[] udp(int from, int to, String payload) {
        byte[] data = payload.getBytes(StandardCharsets.US_ASCII);
        byte[] datagram = new byte[8 + data.length];
        ByteBuffer.wrap(datagram)
                .putShort((short) from)
                .putShort((short) to)
                .putShort((short) datagram.length)
                .putShort((short) 0)
                .put(data);
        return datagram;
    }

    private static void fillChecksum(IpAddress source, IpAddress destination, int protocol, byte[] transport) {
        int pseudo = sum(source.bytes(), 0, 4, sum(destination.bytes(), 0, 4, protocol + transport.length));
        int checksum = ~sum(transport, 0, transport.length, pseudo) & 0xffff;
        int at = protocol == 6 ? 16 : 6;
        ByteBuffer.wrap(transport).putShort(at, (short) checksum);
    }

    private static int sum(byte[] bytes, int offset, int length, int start) {
        int sum = start;
        for (int i = 0; i < length; i++) {
            sum += (bytes[offset + i] & 255) << (i % 2 == 0 ? 8 : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
