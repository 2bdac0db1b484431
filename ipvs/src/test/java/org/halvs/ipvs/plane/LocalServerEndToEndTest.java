package org.halvs.ipvs.plane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.halvs.ipvs.plane.PortsEndToEndTest.eventually;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.halvs.linux.IpAddress;
import org.halvs.linux.NftStackRedirect;
import org.halvs.linux.StackRedirect;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's connections to masqueraded real servers that are sockets of the director itself, at addresses and ports other than the service's. */
class LocalServerEndToEndTest {
    private static final String VIP = "198.51.100.80";
    private static final String VIP6 = "2001:db8:1::80";
    private static final int PORT = 80;

    @AutoClose
    private final ClientAndDirector hosts = ClientAndDirector.open();

    private final Lab lab = hosts.lab;
    private final Host client = hosts.client;
    private final Host director = hosts.director;
    private long revision;

    @BeforeEach
    void connect() {
        Switch outside = lab.ethernetSwitch("outside");
        outside.plug(client, "eth0", "198.51.100.10/24");
        outside.plug(director, "eth0", "198.51.100.1/24");
        director.ip("address", "add", VIP + "/32", "dev", "eth0");
        client.ip("address", "add", "2001:db8:1::10/64", "dev", "eth0", "nodad");
        director.ip("address", "add", "2001:db8:1::1/64", "dev", "eth0", "nodad");
        director.ip("address", "add", VIP6 + "/128", "dev", "eth0", "nodad");
    }

    private ForwardingTable table(Protocol protocol, String virtual, RealServer... servers) {
        VirtualService service =
                VirtualService.of(new ServiceKey.AddressKey(protocol, IpAddress.of(virtual), PORT), SchedulerKind.RR);
        return new ForwardingTable(++revision, List.of(new ForwardingTable.Entry(service, List.of(servers))));
    }

    private static RealServer masqueraded(String address, int port) {
        return RealServer.of(IpAddress.of(address), port, ForwardingMethod.MASQUERADE, 1);
    }

    @ParameterizedTest
    @CsvSource({
        VIP + ", 198.51.100.1, 8080",
        VIP + ", 198.51.100.1, 80",
        VIP + ", 198.51.100.80, 8080",
        VIP + ", 198.51.100.80, 80",
        VIP + ", 127.0.0.1, 8080",
        VIP + ", 127.0.0.1, 80",
        VIP + ", 127.1.2.3, 8080",
        VIP6 + ", 2001:db8:1::1, 8080",
        VIP6 + ", 2001:db8:1::80, 8080",
    })
    void connectionsOfTcp(String virtual, String address, int port) throws Exception {
        try (InProcessPlane plane = hosts.start();
                Transfers own = Transfers.serve(director, IpAddress.of(address), port, 7);
                ResetWatch resets = ResetWatch.on(client, "eth0")) {
            plane.publish(table(Protocol.TCP, virtual, masqueraded(address, port)));
            for (int i = 0; i < 3; i++) {
                assertThat(Transfers.transfer(client, virtual, PORT, 1000, 1000).server())
                        .isEqualTo(7);
            }
            Transfers.Result large = Transfers.transfer(client, virtual, PORT, 50_000_000, 20_000_000);
            System.out.printf("%s:%d for %s: 70 MB in %d ms%n", address, port, virtual, large.millis());
            assertThat(large.intact()).isTrue();
            assertThat(own.accepted).hasValue(4);
            assertThat(resets.resets()).isZero();
            assertThat(plane.description()).doesNotContain("not served");
            assertThat(plane.connections(0, 100).entries()).hasSize(4);
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @CsvSource({VIP + ", 198.51.100.1", VIP + ", 127.0.0.1", VIP6 + ", 2001:db8:1::1"})
    void datagramsOfUdpAlsoInFragments(String virtual, String address) throws Exception {
        try (InProcessPlane plane = hosts.start();
                DatagramSocket echo = director.call(() -> new DatagramSocket(new InetSocketAddress(address, 5300)));
                DatagramSocket asking = client.call(() -> new DatagramSocket())) {
            plane.publish(table(Protocol.UDP, virtual, masqueraded(address, 5300)));
            asking.setSoTimeout(5000);
            echo.setSoTimeout(5000);
            for (int length : new int[] {10, 1400, 5000}) {
                byte[] question = new byte[length];
                new Random(length).nextBytes(question);
                asking.send(new DatagramPacket(question, length, new InetSocketAddress(virtual, PORT)));
                DatagramPacket received = new DatagramPacket(new byte[8000], 8000);
                echo.receive(received);
                assertThat(received.getLength()).isEqualTo(length);
                echo.send(new DatagramPacket(received.getData(), length, received.getSocketAddress()));
                DatagramPacket answer = new DatagramPacket(new byte[8000], 8000);
                asking.receive(answer);
                assertThat(answer.getSocketAddress()).isEqualTo(new InetSocketAddress(virtual, PORT));
                assertThat(Arrays.copyOf(answer.getData(), answer.getLength())).isEqualTo(question);
            }
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.1", "127.0.0.1"})
    void aPortNobodyListensOnIsRefusedInTheNameOfTheService(String address) throws Exception {
        try (InProcessPlane plane = hosts.start()) {
            plane.publish(table(Protocol.TCP, VIP, masqueraded(address, 8080)));
            long begin = System.nanoTime();
            assertThatThrownBy(() -> Transfers.connect(client, VIP, PORT))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(ConnectException.class);
            assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(2000);
        }
    }

    @Test
    void aServerIsEditedTakesAnotherPortAndLeaves() throws Exception {
        try (InProcessPlane plane = hosts.start();
                Transfers first = Transfers.serve(director, IpAddress.of("127.0.0.1"), 8080, 1);
                Transfers second = Transfers.serve(director, IpAddress.of("198.51.100.1"), 8081, 2)) {
            plane.publish(table(Protocol.TCP, VIP, masqueraded("127.0.0.1", 8080)));
            assertThat(Transfers.transfer(client, VIP, PORT, 1000, 0).server()).isEqualTo(1);
            assertThat(director.run("cat", "/proc/sys/net/ipv4/conf/halvs0/route_localnet"))
                    .startsWith("1");
            assertThat(director.run("cat", "/proc/sys/net/ipv4/conf/eth0/route_localnet"))
                    .startsWith("0");

            // drained: what runs goes on, nothing new comes
            Socket running = Transfers.connect(client, VIP, PORT);
            eventually(() -> first.accepted.get() == 2);
            plane.publish(
                    table(Protocol.TCP, VIP, masqueraded("127.0.0.1", 8080).withWeight(0)));
            assertThat(Transfers.transfer(running, 5_000_000, 0).intact()).isTrue();
            running.close();
            assertThatThrownBy(() -> Transfers.connect(client, VIP, PORT)).hasRootCauseInstanceOf(IOException.class);

            // another one in its place
            plane.publish(table(Protocol.TCP, VIP, masqueraded("198.51.100.1", 8081)));
            assertThat(Transfers.transfer(client, VIP, PORT, 1000, 0).server()).isEqualTo(2);
            assertThat(director.run("cat", "/proc/sys/net/ipv4/conf/halvs0/route_localnet"))
                    .startsWith("0");
            assertThat(director.ip("rule")).doesNotContain("127.0.0.0/8");

            plane.publish(table(Protocol.TCP, VIP));
            assertNothingIsLeft();
            plane.publish(table(Protocol.TCP, VIP, masqueraded("127.0.0.1", 8080)));
            assertThat(Transfers.transfer(client, VIP, PORT, 1000, 0).server()).isEqualTo(1);
            assertThat(second.accepted).hasValue(1);
        }
        assertNothingIsLeft();
    }

    @Test
    void anEstablishedConnectionIsCountedActiveThoughNoAnswerIsSeen() throws Exception {
        try (InProcessPlane plane = hosts.start();
                Transfers own = Transfers.serve(director, IpAddress.of("127.0.0.1"), 8080, 1)) {
            plane.publish(table(Protocol.TCP, VIP, masqueraded("127.0.0.1", 8080)));
            try (Socket open = Transfers.connect(client, VIP, PORT)) {
                eventually(() -> own.accepted.get() == 1);
                eventually(() -> plane.connections(0, 10).entries().stream()
                        .map(ConnectionEntry::state)
                        .toList()
                        .equals(List.of("ESTABLISHED")));
                assertThat(open.isConnected()).isTrue();
            }
        }
    }

    @Test
    void aSecondOneOfAServiceIsToldNotToBeServed() throws Exception {
        try (InProcessPlane plane = hosts.start()) {
            plane.publish(table(Protocol.TCP, VIP, masqueraded("198.51.100.1", 8081), masqueraded("127.0.0.1", 8080)));
            assertThat(plane.description())
                    .contains(
                            "the real server 127.0.0.1:8080 of TCP 198.51.100.80:80 is on this machine and not served:"
                                    + " a service has one such server at most, 198.51.100.1:8081 of TCP 198.51.100.80:80");
        }
    }

    @Test
    void theAddressOfAServerComesAndGoes() throws Exception {
        try (InProcessPlane plane = hosts.start()) {
            plane.publish(table(Protocol.TCP, VIP, masqueraded("198.51.100.99", 8080)));
            assertNothingIsLeft();
            director.ip("address", "add", "198.51.100.99/32", "dev", "eth0");
            try (Transfers own = Transfers.serve(director, IpAddress.of("198.51.100.99"), 8080, 3)) {
                eventually(() -> director.run("nft", "list", "ruleset").contains("halvs_local"));
                assertThat(Transfers.transfer(client, VIP, PORT, 1000, 1000).server())
                        .isEqualTo(3);
                assertThat(own.accepted).hasValue(1);
            }
            director.ip("address", "del", "198.51.100.99/32", "dev", "eth0");
            eventually(() -> !director.run("nft", "list", "ruleset").contains("halvs_local"));
        }
    }

    @Test
    void whatAKilledPlaneLeftIsRemoved() throws Exception {
        director.call(() -> {
            try (StackRedirect killed = NftStackRedirect.open("halvs0")) {
                return killed.redirect(List.of(
                        new StackRedirect.Redirected(6, IpAddress.of(VIP), PORT, IpAddress.of("127.0.0.1"), 8080)));
            }
        });
        assertThat(director.run("nft", "list", "ruleset")).contains("halvs_local");
        assertThat(director.ip("rule")).contains("from 127.0.0.0/8 iif lo lookup 127080");
        director.call(() -> {
            InProcessPlane.cleanup();
            InProcessPlane.cleanup();
            return true;
        });
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() {
        assertThat(director.run("nft", "list", "ruleset")).doesNotContain("halvs_local");
        assertThat(director.ip("rule")).doesNotContain("127.0.0.0/8");
        assertThat(director.ip("route", "show", "table", "all")).doesNotContain("127080");
    }
}
