package org.halvs.ipvs.plane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.halvs.ipvs.plane.PortsEndToEndTest.eventually;
import static org.halvs.ipvs.plane.PortsEndToEndTest.withoutOffloads;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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
import org.halvs.linux.PacketSender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real connections of a client through a director to two real servers, by each forwarding method. */
class InProcessPlaneEndToEndTest {
    private static final String VIP = "198.51.100.80";
    private static final int PORT = 80;
    private static final long MEGABYTE = 1_000_000;

    @AutoClose
    private final ClientAndDirector hosts = ClientAndDirector.open();

    private final Lab lab = hosts.lab;
    private final Host client = hosts.client;
    private final Host director = hosts.director;
    private final List<Host> servers = new ArrayList<>();
    private final List<Transfers> serving = new ArrayList<>();
    private final List<String> realAddresses = new ArrayList<>();
    private long revision;

    @AfterEach
    void endServers() throws Exception {
        for (Transfers each : serving) {
            each.close();
        }
    }

    /** Client and director on one network; the servers beside them, or for NAT on a network behind the director. */
    private void build(ForwardingMethod method) throws Exception {
        Switch outside = lab.ethernetSwitch("outside");
        outside.plug(client, "eth0", "198.51.100.10/24");
        outside.plug(director, "eth0", "198.51.100.1/24");
        director.ip("address", "add", VIP + "/32", "dev", "eth0");
        boolean behind = method == ForwardingMethod.MASQUERADE;
        Switch inside = behind ? lab.ethernetSwitch("inside") : outside;
        if (behind) {
            inside.plug(director, "eth1", "10.1.0.1/24");
        }
        for (int number = 1; number <= 2; number++) {
            Host server = lab.host("real" + number);
            String address = (behind ? "10.1.0.1" : "198.51.100.1") + number;
            inside.plug(server, "eth0", address + "/24");
            if (behind) {
                server.ip("route", "add", "default", "via", "10.1.0.1");
            } else {
                server.sysctl("net.ipv4.conf.all.arp_ignore", "1");
                server.sysctl("net.ipv4.conf.all.arp_announce", "2");
                server.ip("address", "add", VIP + "/32", "dev", "lo");
            }
            if (method == ForwardingMethod.TUNNEL) {
                lab.with(IpipDecapsulator.start(server.namespace(), "ipip0"));
            }
            servers.add(server);
            realAddresses.add(address);
            serving.add(Transfers.serve(server, PORT, number));
        }
    }

    private ForwardingTable table(ForwardingMethod method, int... weights) {
        List<RealServer> reals = new ArrayList<>();
        for (int i = weights.length - 1; i >= 0; i--) {
            reals.add(RealServer.of(IpAddress.of(realAddresses.get(i)), PORT, method, weights[i]));
        }
        return tableOf(reals);
    }

    private ForwardingTable tableOf(List<RealServer> reals) {
        VirtualService service =
                VirtualService.of(new ServiceKey.AddressKey(Protocol.TCP, IpAddress.of(VIP), PORT), SchedulerKind.RR);
        return new ForwardingTable(++revision, List.of(new ForwardingTable.Entry(service, reals)));
    }

    private Transfers.Result transfer(long down, long up) throws Exception {
        return Transfers.transfer(client, VIP, PORT, down, up);
    }

    @ParameterizedTest
    @CsvSource({
        "MASQUERADE, true", "MASQUERADE, false",
        "DIRECT_ROUTE, true", "DIRECT_ROUTE, false",
        "TUNNEL, true", "TUNNEL, false"
    })
    void largeTransfersArriveIntactAndNobodySendsAReset(ForwardingMethod method, boolean offloads) throws Exception {
        build(method);
        if (!offloads) {
            withoutOffloads(client, "eth0");
            withoutOffloads(director, "eth0");
            if (method == ForwardingMethod.MASQUERADE) {
                withoutOffloads(director, "eth1");
            }
            for (Host server : servers) {
                withoutOffloads(server, "eth0");
            }
        }
        try (InProcessPlane plane = hosts.start();
                ResetWatch atClient = ResetWatch.on(client, "eth0");
                ResetWatch atServer = ResetWatch.on(servers.getFirst(), "eth0")) {
            plane.publish(table(method, 1, 1));
            List<Integer> names = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                names.add(transfer(1000, 1000).server());
            }
            assertThat(names).containsExactlyInAnyOrder(1, 2, 1, 2, 1, 2);
            Transfers.Result down = transfer(100 * MEGABYTE, 0);
            Transfers.Result up = transfer(0, 50 * MEGABYTE);
            for (int i = 0; i < 100 && plane.stats().total().connections() < 8; i++) {
                Thread.sleep(50); // the estimator shows counters every 2 s, as the kernel's does
            }
            System.out.printf(
                    "%s, offloads %s: down %d MB/s, up %d MB/s; %s%n",
                    method,
                    offloads ? "on" : "off",
                    100_000 / Math.max(1, down.millis()),
                    50_000 / Math.max(1, up.millis()),
                    plane.stats().drops());
            assertThat(down.intact()).isTrue();
            assertThat(up.intact()).isTrue();
            assertThat(plane.stats().total().connections()).isEqualTo(8);
            assertThat(plane.connections(0, 1000).entries()).hasSize(8);
            assertThat(atClient.resets()).isZero();
            assertThat(atServer.resets()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void theDirectorsOwnStackStaysOutAndWorksForItself(String ipForward) throws Exception {
        build(ForwardingMethod.MASQUERADE);
        director.sysctl("net.ipv4.ip_forward", ipForward);
        try (InProcessPlane plane = hosts.start();
                ResetWatch atClient = ResetWatch.on(client, "eth0");
                ResetWatch atServer = ResetWatch.on(servers.getFirst(), "eth0")) {
            plane.publish(table(ForwardingMethod.MASQUERADE, 1, 1));
            assertThat(transfer(5 * MEGABYTE, MEGABYTE).intact()).isTrue();
            // a health check from the director itself
            Transfers.Result check = Transfers.transfer(director, realAddresses.getFirst(), PORT, 10_000, 10_000);
            assertThat(check.intact()).isTrue();
            // its own services on the same address
            try (Transfers own = Transfers.serve(director, 2222, 9)) {
                assertThat(Transfers.transfer(client, VIP, 2222, 10_000, 10_000).server())
                        .isEqualTo(9);
                assertThat(own.accepted).hasValue(1);
            }
            assertThat(atClient.resets()).isZero();
            assertThat(atServer.resets()).isZero();
        }
    }

    @Test
    void aDrainedServerKeepsItsConnectionAndGetsNoNewOne() throws Exception {
        build(ForwardingMethod.MASQUERADE);
        try (InProcessPlane plane = hosts.start()) {
            plane.publish(table(ForwardingMethod.MASQUERADE, 1, 0));
            Socket running = Transfers.connect(client, VIP, PORT);
            CompletableFuture<Transfers.Result> transfer = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try (running) {
                    transfer.complete(Transfers.transfer(running, 200 * MEGABYTE, 0));
                } catch (Exception e) {
                    transfer.completeExceptionally(e);
                }
            });
            eventually(() -> serving.getFirst().accepted.get() == 1);
            plane.publish(table(ForwardingMethod.MASQUERADE, 0, 1));
            Thread.sleep(20);
            for (int i = 0; i < 5; i++) {
                assertThat(transfer(1000, 0).server()).isEqualTo(2);
            }
            assertThat(transfer.get().server()).isEqualTo(1);
            assertThat(transfer.get().intact()).isTrue();
            assertThat(serving.getFirst().accepted).hasValue(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MASQUERADE", "DIRECT_ROUTE"})
    void ipv6(ForwardingMethod method) throws Exception {
        build(method);
        boolean behind = method == ForwardingMethod.MASQUERADE;
        client.ip("address", "add", "2001:db8:1::10/64", "dev", "eth0", "nodad");
        director.ip("address", "add", "2001:db8:1::1/64", "dev", "eth0", "nodad");
        director.ip("address", "add", "2001:db8:1::80/128", "dev", "eth0", "nodad");
        Host server = servers.getFirst();
        String real = (behind ? "2001:db8:2" : "2001:db8:1") + "::11";
        server.ip("address", "add", real + "/64", "dev", "eth0", "nodad");
        if (behind) {
            director.ip("address", "add", "2001:db8:2::1/64", "dev", "eth1", "nodad");
            server.ip("route", "add", "default", "via", "2001:db8:2::1");
        } else {
            server.ip("address", "add", "2001:db8:1::80/128", "dev", "lo", "nodad");
        }
        VirtualService service = VirtualService.of(
                new ServiceKey.AddressKey(Protocol.TCP, IpAddress.of("2001:db8:1::80"), PORT), SchedulerKind.RR);
        try (InProcessPlane plane = hosts.start()) {
            plane.publish(new ForwardingTable(
                    1,
                    List.of(new ForwardingTable.Entry(
                            service, List.of(RealServer.of(IpAddress.of(real), PORT, method, 1))))));
            Transfers.Result result = Transfers.transfer(client, "2001:db8:1::80", PORT, 20 * MEGABYTE, 20 * MEGABYTE);
            assertThat(result.server()).isEqualTo(1);
            assertThat(result.intact()).isTrue();
        }
    }

    @Test
    void datagramsOfUdpAndTheirFragmentsGoThroughTranslation() throws Exception {
        build(ForwardingMethod.MASQUERADE);
        VirtualService service =
                VirtualService.of(new ServiceKey.AddressKey(Protocol.UDP, IpAddress.of(VIP), 5353), SchedulerKind.RR);
        try (InProcessPlane plane = hosts.start();
                DatagramSocket echo = servers.getFirst().call(() -> new DatagramSocket(5300));
                DatagramSocket asking = client.call(() -> new DatagramSocket())) {
            plane.publish(new ForwardingTable(
                    1,
                    List.of(new ForwardingTable.Entry(
                            service,
                            List.of(RealServer.of(IpAddress.of("10.1.0.11"), 5300, ForwardingMethod.MASQUERADE, 1))))));
            asking.setSoTimeout(5000);
            echo.setSoTimeout(5000);
            for (int length : new int[] {10, 1400, 5000}) {
                byte[] question = new byte[length];
                new Random(length).nextBytes(question);
                asking.send(new DatagramPacket(question, length, new InetSocketAddress(VIP, 5353)));
                DatagramPacket received = new DatagramPacket(new byte[8000], 8000);
                echo.receive(received);
                assertThat(received.getLength()).isEqualTo(length);
                echo.send(new DatagramPacket(received.getData(), length, received.getSocketAddress()));
                DatagramPacket answer = new DatagramPacket(new byte[8000], 8000);
                asking.receive(answer);
                assertThat(answer.getSocketAddress()).isEqualTo(new InetSocketAddress(VIP, 5353));
                assertThat(Arrays.copyOf(answer.getData(), answer.getLength())).isEqualTo(question);
            }
        }
    }

    @Test
    void rubbishOnTheWireDisturbsNobody() throws Exception {
        build(ForwardingMethod.MASQUERADE);
        // not through a switch: this kernel's bridges throw malformed IP away themselves
        client.ip("link", "add", "wire0", "type", "veth", "peer", "name", "wire0", "netns", director.namespace());
        client.ip("link", "set", "wire0", "up");
        director.ip("link", "set", "wire0", "up");
        byte[] mac = director.link("wire0").mac().orElseThrow().bytes();
        try (InProcessPlane plane = hosts.start();
                PacketSender rubbish =
                        client.call(() -> PacketSender.open(client.link("wire0").index(), "wire0", 64, false));
                Arena arena = Arena.ofConfined()) {
            plane.publish(table(ForwardingMethod.MASQUERADE, 1, 1));
            Random random = new Random(42);
            MemorySegment frame = arena.allocate(1514);
            for (int i = 0; i < 20_000; i++) {
                int length = 14 + random.nextInt(100);
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                System.arraycopy(mac, 0, bytes, 0, 6);
                boolean ipv4 = random.nextBoolean();
                bytes[12] = ipv4 ? (byte) 0x08 : (byte) 0x86;
                bytes[13] = ipv4 ? (byte) 0x00 : (byte) 0xdd;
                Arrays.fill(bytes, 6, 12, (byte) 2);
                if (length > 40 && ipv4 && random.nextInt(4) > 0) {
                    bytes[14] = random.nextInt(8) == 0 ? bytes[14] : 0x45;
                    System.arraycopy(IpAddress.of(VIP).bytes(), 0, bytes, 30, 4);
                }
                MemorySegment.copy(bytes, 0, frame, ValueLayout.JAVA_BYTE, 0, length);
                rubbish.add(frame, 0, length);
                rubbish.flush();
            }
            assertThat(transfer(MEGABYTE, MEGABYTE).intact()).isTrue();
            Thread.sleep(600);
            System.out.println("after 20000 frames of rubbish: " + plane.stats().drops());
            assertThat(plane.stats().drops()).anyMatch(drop -> drop.reason().equals("malformed"));
            assertThat(plane.stats().drops()).noneMatch(drop -> drop.reason().equals("processing"));
        }
    }

    @Test
    void theFirstPacketToAnUnknownNeighbourWaitsForItsAddress() throws Exception {
        build(ForwardingMethod.MASQUERADE);
        try (InProcessPlane plane = hosts.start()) {
            plane.publish(table(ForwardingMethod.MASQUERADE, 1));
            transfer(1000, 0);
            director.ip("neighbour", "flush", "all");
            long begin = System.nanoTime();
            assertThat(transfer(1000, 0).intact()).isTrue();
            // a lost SYN would cost a second
            assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(500);
        }
    }

    @Test
    void aServerOnTheDirectorItselfIsReachedThroughTheTunDevice() throws Exception {
        build(ForwardingMethod.DIRECT_ROUTE);
        try (InProcessPlane plane = hosts.start();
                Transfers own = Transfers.serve(director, PORT, 7)) {
            plane.publish(tableOf(
                    List.of(RealServer.of(IpAddress.of("198.51.100.1"), PORT, ForwardingMethod.DIRECT_ROUTE, 1))));
            Transfers.Result result = transfer(20 * MEGABYTE, 20 * MEGABYTE);
            assertThat(result.server()).isEqualTo(7);
            assertThat(result.intact()).isTrue();
            assertThat(own.accepted).hasValue(1);
            assertThat(director.ip("link")).contains("halvs0");
        }
        assertThat(director.ip("link")).doesNotContain("halvs0");
    }

    @Test
    void aServiceWithoutServersIsRefusedWithoutAReset() throws Exception {
        build(ForwardingMethod.MASQUERADE);
        try (InProcessPlane plane = hosts.start();
                ResetWatch atClient = ResetWatch.on(client, "eth0")) {
            plane.publish(tableOf(List.of()));
            Thread.sleep(100);
            assertThatThrownBy(() -> Transfers.connect(client, VIP, PORT))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isNotInstanceOf(SocketTimeoutException.class);
            assertThat(atClient.resets()).isZero();
        }
    }

    @Test
    void nothingIsLeftBehind() throws Exception {
        build(ForwardingMethod.MASQUERADE);
        assumeTrue(director.execute("nft", "list", "ruleset").exit() == 0, "skipped: the program nft is not installed");
        try (InProcessPlane plane = hosts.start()) {
            plane.publish(table(ForwardingMethod.MASQUERADE, 1, 1));
            eventually(() -> director.run("nft", "list", "ruleset").contains("tcp . 10.1.0.12 . 80"));
            assertThat(director.run("nft", "list", "ruleset"))
                    .contains("tcp . 10.1.0.11 . 80")
                    .contains("tcp . 198.51.100.80 . 80");
            assertThat(plane.description())
                    .isEqualTo(
                            "in this process by AF_PACKET rings on eth0, eth1; the kernel's own stack is held back by"
                                    + " nftables (table inet halvs)");
        }
        assertThat(director.run("nft", "list", "ruleset")).doesNotContain("halvs");
        director.call(() -> {
            InProcessPlane.cleanup();
            InProcessPlane.cleanup();
            return true;
        });
    }
}
