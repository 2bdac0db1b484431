package org.halvs.director.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.halvs.director.PlanText;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Timeouts;
import org.junit.jupiter.api.Test;

class KernelPlaneTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final ForwardingTable DESIRED =
            PlanText.table(List.of("TCP 192.0.2.10:80 wrr", "-> 127.0.0.2:80 Route 2"));

    private final MemoryIpvsadm ipvsadm = new MemoryIpvsadm();

    @Test
    void publishesAndAnswers() {
        try (KernelPlane plane = new KernelPlane(ipvsadm)) {
            assertThat(plane.observe(new ArrayList<>())).isPresent();
            plane.publish(DESIRED);
            assertThat(plane.awaitApplied(PATIENCE)).isTrue();
            assertThat(PlanText.listing(ipvsadm.table())).isEqualTo(PlanText.listing(DESIRED));
            assertThat(plane.table()).isSameAs(DESIRED);
            assertThat(plane.stats().services()).hasSize(1);
            assertThat(plane.connections(0, 10).entries()).isEmpty();
            plane.changeTimeouts(new Timeouts(1, 2, 3));
            assertThat(plane.timeouts()).isEqualTo(new Timeouts(1, 2, 3));
            assertThat(plane.description()).contains("/sbin/ipvsadm");
        }
        // what should remain is published before the plane is closed
        assertThat(ipvsadm.table().entries()).hasSize(1);
    }

    @Test
    void repairsOnItsTimer() throws InterruptedException {
        BlockingQueue<ApplyReport> reports = new LinkedBlockingQueue<>();
        try (KernelPlane plane =
                new KernelPlane(ipvsadm, Duration.ofMillis(20), KernelPlane.Repair.WITHHOLD_REMOVED, reports::add)) {
            plane.publish(DESIRED);
            plane.awaitApplied(PATIENCE);
            ipvsadm.run(List.of("-C"), "");

            ApplyReport report = reports.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            while (report != null && report.drift().isEmpty()) {
                report = reports.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            assertThat(report).isNotNull();
            assertThat(PlanText.listing(ipvsadm.table())).isEqualTo(PlanText.listing(DESIRED));
        }
    }
}
