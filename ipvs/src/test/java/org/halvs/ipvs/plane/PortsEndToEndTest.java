package org.halvs.ipvs.plane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.halvs.lab.Host;
import org.halvs.lab.Lab;
import org.halvs.lab.Switch;
import org.halvs.linux.LinkOffloads;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports, worker and network view alone, under a processor that only routes: what goes in comes out whole. */
class PortsEndToEndTest {
    private static final int PORT = 7000;
    private static final long MEGABYTE = 1_000_000;

    private Lab lab;
    private Host client;
    private Host director;
    private Host server;

    @BeforeEach
    void makeLab() {
        assumeTrue(Lab.missing().isEmpty(), () -> "skipped: " + Lab.missing().orElse(""));
        lab = Lab.open();
        Switch outside = lab.ethernetSwitch("outside");
        Switch inside = lab.ethernetSwitch("inside");
        client = lab.host("client");
        director = lab.host("director");
        server = lab.host("server");
        outside.plug(client, "eth0", "198.51.100.10/24");
        outside.plug(director, "eth0", "198.51.100.1/24");
        inside.plug(director, "eth1", "10.1.0.1/24");
        inside.plug(server, "eth0", "10.1.0.11/24");
        client.ip("route", "add", "default", "via", "198.51.100.1");
        server.ip("route", "add", "default", "via", "10.1.0.1");
        director.sysctl("net.ipv4.ip_forward", "0");
    }

    @AfterEach
    void removeLab() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesArriveWholeInBothDirections(boolean offloads) throws Exception {
        if (!offloads) {
            withoutOffloads(client, "eth0");
            withoutOffloads(server, "eth0");
            withoutOffloads(director, "eth0");
            withoutOffloads(director, "eth1");
        }
        try (InProcessPlane plane = director.call(() -> InProcessPlane.start(new PlainRouter()));
                Transfers serving = Transfers.serve(server, PORT, 1)) {
            assertThat(plane.description()).contains("AF_PACKET rings on eth0, eth1");
            Transfers.transfer(client, "10.1.0.11", PORT, 1000, 1000);
            Transfers.Result down = Transfers.transfer(client, "10.1.0.11", PORT, 100 * MEGABYTE, 0);
            Transfers.Result up = Transfers.transfer(client, "10.1.0.11", PORT, 0, 50 * MEGABYTE);
            System.out.printf(
                    "routed, offloads %s: down %d MB/s, up %d MB/s, %s%n",
                    offloads ? "on" : "off",
                    100_000 / Math.max(1, down.millis()),
                    50_000 / Math.max(1, up.millis()),
                    plane.stats().drops());
            assertThat(down.intact()).isTrue();
            assertThat(up.intact()).isTrue();
            assertThat(serving.accepted).hasValue(3);
        }
        assertThat(director.ip("link")).doesNotContain("halvs0");
    }

    @Test
    void vlanInterfacesHavePortsAndTheirFramesAreNotForwardedTwice() throws Exception {
        assumeTrue(
                director.execute("ip", "link", "add", "link", "eth1", "name", "probe", "type", "vlan", "id", "9")
                                .exit()
                        == 0,
                "skipped: this kernel has no VLAN devices (8021q)");
        director.ip("link", "del", "probe");
        for (Host host : List.of(director, server)) {
            String trunk = host == director ? "eth1" : "eth0";
            host.ip("link", "add", "link", trunk, "name", "vlan7", "type", "vlan", "id", "7");
            host.ip("link", "set", "vlan7", "up");
            host.ip("address", "add", host == director ? "10.7.0.1/24" : "10.7.0.11/24", "dev", "vlan7");
        }
        server.ip("route", "replace", "default", "via", "10.7.0.1");
        try (InProcessPlane plane = director.call(() -> InProcessPlane.start(new PlainRouter()));
                Transfers serving = Transfers.serve(server, PORT, 1)) {
            assertThat(plane.description()).contains("on eth0, eth1, vlan7");
            Transfers.Result result = Transfers.transfer(client, "10.7.0.11", PORT, 20 * MEGABYTE, 20 * MEGABYTE);
            assertThat(result.intact()).isTrue();
            assertThat(serving.accepted).hasValue(1);
        }
    }

    @Test
    void anInterfaceThatComesLaterOrGoesIsFollowed() throws Exception {
        try (InProcessPlane plane = director.call(() -> InProcessPlane.start(new PlainRouter()));
                Transfers serving = Transfers.serve(server, PORT, 1)) {
            director.ip("link", "set", "eth1", "down");
            eventually(() -> !plane.description().contains("eth1"));
            director.ip("link", "set", "eth1", "up");
            eventually(() -> plane.description().contains("eth1"));
            Transfers.Result result = Transfers.transfer(client, "10.1.0.11", PORT, MEGABYTE, 0);
            assertThat(result.intact()).isTrue();
            assertThat(serving.accepted).hasValue(1);
        }
    }

    @Test
    void theWorkerSleepsWhenThereIsNothingToDo() throws Exception {
        try (InProcessPlane plane = director.call(() -> InProcessPlane.start(new PlainRouter()))) {
            Thread.sleep(1500);
            long before = cpuMillisOfForwarding();
            Thread.sleep(2000);
            long used = cpuMillisOfForwarding() - before;
            System.out.printf("idle: %d ms of CPU in 2000 ms%n", used);
            assertThat(used).as("CPU of %s", plane.description()).isLessThan(40);
        }
    }

    private static long cpuMillisOfForwarding() throws Exception {
        long ticks = 0;
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                String stat = Files.readString(task.resolve("stat"));
                if (stat.contains("(fwd-")) {
                    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                    ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
                }
            }
        }
        return ticks * 10;
    }

    static void withoutOffloads(Host host, String device) throws Exception {
        host.call(() -> {
            LinkOffloads.TCP_SEGMENTATION.set(device, false);
            LinkOffloads.GENERIC_SEGMENTATION.set(device, false);
            LinkOffloads.GENERIC_RECEIVE.set(device, false);
            LinkOffloads.TX_CHECKSUM.set(device, false);
            return true;
        });
    }

    static void eventually(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
