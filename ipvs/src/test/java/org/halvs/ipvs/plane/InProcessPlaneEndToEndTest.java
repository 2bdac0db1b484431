package org.halvs.ipvs.plane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.halvs.ipvs.plane.PortsEndToEndTest.eventually;
import static org.halvs.ipvs.plane.PortsEndToEndTest.withoutOffloads;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.lab.Host;
import org.halvs.lab.IpipDecapsulator;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real connections of a client through a director to two real servers, by each forwarding method. */
class InProcessPlaneEndToEndTest {
    private static final String VIP = "198.51.100.80";
    private static final int PORT = 80;
    private static final long MEGABYTE = 1_000_000;

    private Lab lab;
    private Host client;
    private Host director;
    private final List<Host> servers = new ArrayList<>();
    private final List<Transfers> serving = new ArrayList<>();
    private final List<String> realAddresses = new ArrayList<>();
    private long revision;

    @BeforeEach
    void makeLab() {
        assumeTrue(Lab.missing().isEmpty(), () -> "skipped: " + Lab.missing().orElse(""));
        lab = Lab.open();
        client = lab.host("client");
        director = lab.host("director");
    }

    @AfterEach
    void removeLab() throws Exception {
        for (Transfers each : serving) {
            each.close();
        }
        if (lab != null) {
            lab.close();
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

    private InProcessPlane start() throws Exception {
        return director.call(() -> InProcessPlane.start(IpvsSettings.DEFAULT));
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
        try (InProcessPlane plane = start();
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
            Thread.sleep(600);
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
            assertThat(plane.connections()).hasSize(8);
            assertThat(atClient.resets()).isZero();
            assertThat(atServer.resets()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void theDirectorsOwnStackStaysOutAndWorksForItself(String ipForward) throws Exception {
        build(ForwardingMethod.MASQUERADE);
        director.sysctl("net.ipv4.ip_forward", ipForward);
        try (InProcessPlane plane = start();
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
        try (InProcessPlane plane = start()) {
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

    @Test
    void aServerOnTheDirectorItselfIsReachedThroughTheTunDevice() throws Exception {
        build(ForwardingMethod.DIRECT_ROUTE);
        try (InProcessPlane plane = start();
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
        try (InProcessPlane plane = start();
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
        try (InProcessPlane plane = start()) {
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
