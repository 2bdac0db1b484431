package org.halvs.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.halvs.linux.PacketSender;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpipDecapsulatorTest {
    private static final byte[] TEXT = "hello through the tunnel".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void theInnerPacketReachesASocketOfTheVirtualAddress(String reversePathFilter) throws Exception {
        assumeTrue(Lab.missing().isEmpty(), () -> Lab.missing().orElse(""));
        try (Lab lab = Lab.open();
                Arena arena = Arena.ofConfined()) {
            Switch lan = lab.ethernetSwitch("lan");
            Host director = lab.host("director");
            Host real = lab.host("real");
            lan.plug(director, "eth0", "198.51.100.1/24");
            lan.plug(real, "eth0", "198.51.100.2/24");
            real.sysctl("net.ipv4.conf.all.rp_filter", reversePathFilter);
            real.ip("address", "add", "203.0.113.80/32", "dev", "lo");
            try (IpipDecapsulator decapsulator = IpipDecapsulator.start(real.namespace(), "ipip0");
                    DatagramSocket server =
                            real.call(() -> new DatagramSocket(53, InetAddress.getByName("203.0.113.80")))) {
                server.setSoTimeout(3000);
                byte[] mac = real.link("eth0").mac().orElseThrow().bytes();
                try (PacketSender sender = director.call(
                        () -> PacketSender.open(director.link("eth0").index(), "eth0", 4, false))) {
                    MemorySegment frame = tunnelled(arena, mac);
                    // a bridge takes up to a second to notice that a port has a carrier
                    for (int i = 0; i < 50 && decapsulator.unwrapped() == 0; i++) {
                        sender.add(frame, 0, (int) frame.byteSize());
                        sender.flush();
                        Thread.sleep(100);
                    }
                }
                DatagramPacket received = new DatagramPacket(new byte[100], 100);
                server.receive(received);
                assertThat(new String(received.getData(), 0, received.getLength(), StandardCharsets.US_ASCII))
                        .isEqualTo("hello through the tunnel");
                assertThat(decapsulator.unwrapped()).isPositive();
            }
            assertThat(real.ip("link")).doesNotContain("ipip0");
        }
    }

    private static MemorySegment tunnelled(Arena arena, byte[] mac) throws Exception {
        int udp = 8 + TEXT.length;
        ByteBuffer frame = ByteBuffer.allocate(14 + 20 + 20 + udp);
        frame.put(mac).put(new byte[] {2, 0, 0, 0, 0, 1}).putShort((short) 0x0800);
        header(frame, 20 + 20 + udp, 4, "198.51.100.1", "198.51.100.2");
        header(frame, 20 + udp, 17, "198.51.100.77", "203.0.113.80");
        frame.putShort((short) 4000)
                .putShort((short) 53)
                .putShort((short) udp)
                .putShort((short) 0)
                .put(TEXT);
        MemorySegment segment = arena.allocate(frame.capacity());
        MemorySegment.copy(frame.array(), 0, segment, ValueLayout.JAVA_BYTE, 0, frame.capacity());
        return segment;
    }

    private static void header(ByteBuffer out, int length, int protocol, String from, String to) throws Exception {
        int start = out.position();
        out.put((byte) 0x45).put((byte) 0).putShort((short) length).putInt(0);
        out.put((byte) 64).put((byte) protocol).putShort((short) 0);
        out.put(InetAddress.getByName(from).getAddress());
        out.put(InetAddress.getByName(to).getAddress());
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += out.getShort(start + i) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        out.putShort(start + 10, (short) ~((sum & 0xffff) + (sum >>> 16)));
    }
}
