package org.halvs.ipvs.plane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.halvs.ipvs.plane.PortsEndToEndTest.eventually;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
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
import org.halvs.lab.Host;
import org.halvs.lab.IpipDecapsulator;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A director whose kernel is a router as well, plain or with several routing tables. */
class RouterEndToEndTest {
    private static final String VIP = "198.51.100.80";
    private static final int PORT = 5353;
    private static final int DATAGRAMS = 50;

    @AutoClose
    private final ClientAndDirector hosts = ClientAndDirector.open();

    private final Lab lab = hosts.lab;
    private final Host client = hosts.client;
    private final Host director = hosts.director;
    private final Host server = lab.host("server");

    private static ForwardingTable table(Protocol protocol, int port, String real, ForwardingMethod method) {
        VirtualService service =
                VirtualService.of(new ServiceKey.AddressKey(protocol, IpAddress.of(VIP), port), SchedulerKind.RR);
        return new ForwardingTable(
                1,
                List.of(new ForwardingTable.Entry(
                        service, List.of(RealServer.of(IpAddress.of(real), port, method, 1)))));
    }

    private static DatagramSocket socket(Host host, InetSocketAddress own) throws Exception {
        DatagramSocket made = host.call(() -> new DatagramSocket(own));
        made.setSoTimeout(5000);
        return made;
    }

    private static void send(DatagramSocket from, String text, SocketAddress to) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        from.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static DatagramPacket receive(DatagramSocket at) throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        at.receive(packet);
        return packet;
    }

    private static String text(DatagramPacket packet) {
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
    }

    /** Whatever else comes within a short while, with its sender. */
    private static List<String> rest(DatagramSocket at) throws Exception {
        at.setSoTimeout(200);
        List<String> more = new ArrayList<>();
        try {
            while (true) {
                DatagramPacket packet = receive(at);
                more.add(text(packet) + " from " + packet.getSocketAddress());
            }
        } catch (SocketTimeoutException _) {
            return more;
        } finally {
            at.setSoTimeout(5000);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MASQUERADE", "DIRECT_ROUTE", "TUNNEL"})
    void everyPacketIsForwardedOnceAndNoneUntranslated(ForwardingMethod method) throws Exception {
        boolean behind = method == ForwardingMethod.MASQUERADE;
        String real = behind ? "10.1.0.11" : "198.51.100.11";
        Switch outside = lab.ethernetSwitch("outside");
        Switch inside = behind ? lab.ethernetSwitch("inside") : outside;
        outside.plug(client, "eth0", "198.51.100.10/24");
        outside.plug(director, "eth0", "198.51.100.1/24");
        inside.plug(server, "eth0", real + "/24");
        director.ip("address", "add", VIP + "/32", "dev", "eth0");
        director.sysctl("net.ipv4.ip_forward", "1");
        if (behind) {
            inside.plug(director, "eth1", "10.1.0.1/24");
            server.ip("route", "add", "default", "via", "10.1.0.1");
            client.ip("route", "add", "10.1.0.0/24", "via", "198.51.100.1");
        } else {
            server.sysctl("net.ipv4.conf.all.arp_ignore", "1");
            server.ip("address", "add", VIP + "/32", "dev", "lo");
            if (method == ForwardingMethod.TUNNEL) {
                lab.with(IpipDecapsulator.start(server.namespace(), "ipip0"));
            }
        }
        String answering = behind ? real : VIP;
        try (InProcessPlane plane = hosts.start();
                DatagramSocket echo = socket(server, new InetSocketAddress(answering, PORT));
                DatagramSocket other = socket(server, new InetSocketAddress(real, 7000));
                DatagramSocket asking = socket(client, new InetSocketAddress("198.51.100.10", 4000))) {
            plane.publish(table(Protocol.UDP, PORT, real, method));
            InetSocketAddress service = new InetSocketAddress(VIP, PORT);
            for (int i = 0; i < DATAGRAMS; i++) {
                send(asking, "ask" + i, service);
                DatagramPacket asked = receive(echo);
                assertThat(text(asked)).isEqualTo("ask" + i);
                assertThat(asked.getSocketAddress()).isEqualTo(asking.getLocalSocketAddress());
                send(echo, "answer" + i, asked.getSocketAddress());
                DatagramPacket answer = receive(asking);
                assertThat(text(answer)).isEqualTo("answer" + i);
                assertThat(answer.getSocketAddress()).isEqualTo(service);
            }
            assertThat(rest(echo)).isEmpty();
            assertThat(rest(asking)).isEmpty();
            if (behind) {
                // what no connection wants is routed, by us where it is withheld from the stack, by the stack elsewhere
                try (DatagramSocket elsewhere = socket(client, new InetSocketAddress("198.51.100.10", 4001))) {
                    send(echo, "own", elsewhere.getLocalSocketAddress());
                    send(other, "other", elsewhere.getLocalSocketAddress());
                    assertThat(rest(elsewhere))
                            .containsExactlyInAnyOrder("own from /10.1.0.11:" + PORT, "other from /10.1.0.11:7000");
                }
            }
        }
    }

    /**
     * Two ways out: clients of this test are behind one router, the main table's default goes to the other. Answers of the service take the table
     * its address is given by a rule, and the server's network stands in a table of its own.
     */
    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void rulesAndTablesDecideTheWay(String ipForward) throws Exception {
        Host wrong = lab.host("wrong");
        Host right = lab.host("right");
        Switch uplink = lab.ethernetSwitch("uplink");
        Switch beyond = lab.ethernetSwitch("beyond");
        Switch inside = lab.ethernetSwitch("inside");
        uplink.plug(director, "eth0", "198.51.100.1/24");
        uplink.plug(wrong, "eth0", "198.51.100.253/24");
        uplink.plug(right, "eth0", "198.51.100.254/24");
        beyond.plug(right, "eth1", "203.0.113.1/24");
        beyond.plug(client, "eth0", "203.0.113.10/24");
        inside.plug(director, "eth1", "192.0.2.1/32");
        inside.plug(server, "eth0", "10.1.0.11/24");
        right.sysctl("net.ipv4.ip_forward", "1");
        client.ip("route", "add", "default", "via", "203.0.113.1");
        server.ip("route", "add", "192.0.2.1/32", "dev", "eth0");
        server.ip("route", "add", "default", "via", "192.0.2.1");
        director.sysctl("net.ipv4.ip_forward", ipForward);
        director.ip("address", "add", VIP + "/32", "dev", "eth0");
        director.ip("route", "add", "default", "via", "198.51.100.253");
        director.ip("route", "add", "default", "via", "198.51.100.254", "table", "100");
        director.ip("rule", "add", "from", VIP, "lookup", "100", "priority", "1000");
        director.ip("route", "add", "10.1.0.0/24", "dev", "eth1", "table", "200");
        director.ip("rule", "add", "to", "10.1.0.0/24", "lookup", "200", "priority", "900");
        try (InProcessPlane plane = hosts.start();
                Transfers serving = Transfers.serve(server, 80, 1);
                ResetWatch resets = ResetWatch.on(client, "eth0")) {
            plane.publish(table(Protocol.TCP, 80, "10.1.0.11", ForwardingMethod.MASQUERADE));
            Transfers.Result result = Transfers.transfer(client, VIP, 80, 2_000_000, 2_000_000);
            assertThat(result.intact()).isTrue();
            assertThat(serving.accepted).hasValue(1);
            assertThat(resets.resets()).isZero();
            // a rule that is gone counts from now on
            director.ip("rule", "delete", "from", VIP, "lookup", "100", "priority", "1000");
            director.ip("rule", "add", "from", VIP, "unreachable", "priority", "1000");
            eventually(() -> !answers(client));
            director.ip("rule", "delete", "from", VIP, "unreachable", "priority", "1000");
            director.ip("rule", "add", "from", VIP, "lookup", "100", "priority", "1000");
            eventually(() -> answers(client));
        }
    }

    private static boolean answers(Host from) {
        try (Socket socket = from.call(Socket::new)) {
            return from.call(() -> {
                socket.connect(new InetSocketAddress(VIP, 80), 150);
                return true;
            });
        } catch (Exception _) {
            return false;
        }
    }
}
