package org.halvs.ipvs.plane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.halvs.ipvs.plane.PortsEndToEndTest.eventually;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.lab.Host;
import org.halvs.lab.Switch;
import org.halvs.linux.BpfFilter;
import org.halvs.linux.IpAddress;
import org.halvs.linux.PacketRing;
import org.halvs.linux.PacketSender;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Frames of ESP through a director that is a router as well, before and behind a key exchange. No kernel here has an association for them, so whoever
 * gets one says "protocol unreachable".
 */
class IpsecEndToEndTest {
    private static final String VIP = "198.51.100.80";
    private static final String CLIENT = "198.51.100.10";
    private static final String STRANGER = "198.51.100.13";
    private static final String SERVER = "10.1.0.11";
    private static final int IPV4 = 0x0800;

    @AutoClose
    private final ClientAndDirector hosts = ClientAndDirector.open();

    private final Host client = hosts.client;
    private final Host director = hosts.director;
    private final Host server = hosts.lab.host("real1");

    private void build() {
        Switch outside = hosts.lab.ethernetSwitch("outside");
        Switch inside = hosts.lab.ethernetSwitch("inside");
        outside.plug(client, "eth0", CLIENT + "/24");
        outside.plug(director, "eth0", "198.51.100.1/24");
        inside.plug(director, "eth1", "10.1.0.1/24");
        inside.plug(server, "eth0", SERVER + "/24");
        client.ip("address", "add", STRANGER + "/24", "dev", "eth0");
        director.ip("address", "add", VIP + "/32", "dev", "eth0");
        director.sysctl("net.ipv4.ip_forward", "1");
        server.ip("route", "add", "default", "via", "10.1.0.1");
    }

    private static ForwardingTable table() {
        VirtualService keys = VirtualService.of(
                new ServiceKey.AddressKey(Protocol.UDP, IpAddress.of(VIP), Udp.ISAKMP), SchedulerKind.RR);
        RealServer real = RealServer.of(IpAddress.of(SERVER), Udp.ISAKMP, ForwardingMethod.MASQUERADE, 1);
        return new ForwardingTable(1, List.of(new ForwardingTable.Entry(keys, List.of(real))));
    }

    @Test
    void espFollowsTheKeyExchangeAndTheStackHasTheRest() throws Exception {
        build();
        try (InProcessPlane plane = hosts.start();
                Watch atClient = Watch.on(client);
                Watch atServer = Watch.on(server)) {
            plane.publish(table());
            send(client, "eth0", mac(director, "eth0"), STRANGER, VIP);
            eventually(() -> atClient.seen().contains("198.51.100.80>198.51.100.13 ICMP 3/2"));
            exchangeKeys();
            send(client, "eth0", mac(director, "eth0"), CLIENT, VIP);
            send(server, "eth0", mac(director, "eth1"), SERVER, CLIENT);
            eventually(() -> atServer.seen().size() >= 2 && atClient.seen().size() >= 3);
            Thread.sleep(300); // nobody else answers or routes
            assertThat(atServer.seen())
                    .containsExactlyInAnyOrder("198.51.100.10>10.1.0.11 ESP", "198.51.100.10>10.1.0.11 ICMP 3/2");
            assertThat(atClient.seen())
                    .containsExactlyInAnyOrder(
                            "198.51.100.80>198.51.100.13 ICMP 3/2",
                            "198.51.100.80>198.51.100.10 ESP",
                            "198.51.100.80>198.51.100.10 ICMP 3/2");
        }
    }

    private void exchangeKeys() throws Exception {
        try (DatagramSocket asking = client.call(() -> new DatagramSocket(new InetSocketAddress(CLIENT, Udp.ISAKMP)));
                DatagramSocket answering = server.call(() -> new DatagramSocket(Udp.ISAKMP))) {
            byte[] keys = "keys".getBytes(StandardCharsets.US_ASCII);
            asking.setSoTimeout(5000);
            answering.setSoTimeout(5000);
            asking.send(new DatagramPacket(keys, keys.length, new InetSocketAddress(VIP, Udp.ISAKMP)));
            DatagramPacket question = new DatagramPacket(new byte[100], 100);
            answering.receive(question);
            answering.send(new DatagramPacket(keys, keys.length, question.getSocketAddress()));
            asking.receive(new DatagramPacket(new byte[100], 100));
        }
    }

    private static void send(Host host, String device, long target, String source, String destination)
            throws Exception {
        try (PacketSender sender =
                        host.call(() -> PacketSender.open(host.link(device).index(), device, 4, false));
                Arena arena = Arena.ofConfined()) {
            int length = 40;
            MemorySegment frame = arena.allocate(Ethernet.HEADER + Ipv4.HEADER + length);
            Ethernet.write(frame, 0, target, mac(host, device), IPV4);
            Ipv4.write(
                    frame,
                    Ethernet.HEADER,
                    0,
                    Ipv4.HEADER + length,
                    1,
                    Ipv4.DONT_FRAGMENT,
                    64,
                    IpProtocol.ESP,
                    IpAddress.of(source).low(),
                    IpAddress.of(destination).low());
            sender.add(frame, 0, (int) frame.byteSize());
            sender.flush();
        }
    }

    private static long mac(Host host, String device) throws Exception {
        return host.link(device).mac().orElseThrow().value();
    }

    /** What reaches a host of ESP, and of ICMP which could be about it. */
    private record Watch(PacketRing ring, List<String> found) implements AutoCloseable {
        static Watch on(Host host) throws Exception {
            BpfFilter filter = BpfFilter.builder()
                    .loadAncillary(BpfFilter.Ancillary.PACKET_TYPE)
                    .rejectUnlessEqual(0)
                    .loadAncillary(BpfFilter.Ancillary.PROTOCOL)
                    .rejectUnlessEqual(IPV4)
                    .loadByte(Ethernet.HEADER + 9)
                    .acceptIfEqual(IpProtocol.ESP)
                    .acceptIfEqual(IpProtocol.ICMP)
                    .reject()
                    .build();
            PacketRing.Shape shape = new PacketRing.Shape(65536, 1, 2048, 0);
            return new Watch(
                    host.call(() -> PacketRing.open(host.link("eth0").index(), "eth0", shape, filter)),
                    new ArrayList<>());
        }

        List<String> seen() {
            PacketRing.Frame frame = new PacketRing.Frame();
            while (ring.receive(frame)) {
                found.add(brief(frame));
            }
            ring.release();
            return found;
        }

        private String brief(PacketRing.Frame frame) {
            MemorySegment packet = ring.memory().asSlice(frame.offset() + Ethernet.HEADER);
            String ends = IpAddress.ofIpv4(Wire.i32(packet, 12)) + ">" + IpAddress.ofIpv4(Wire.i32(packet, 16));
            return Wire.u8(packet, 9) == IpProtocol.ESP
                    ? ends + " ESP"
                    : ends + " ICMP " + Wire.u8(packet, 20) + "/" + Wire.u8(packet, 21);
        }

        @Override
        public void close() {
            ring.close();
        }
    }
}
