package org.halvs.ha.arbitration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimResult;
import org.halvs.ha.takeover.ClaimState;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.junit.jupiter.api.Test;

class ClaimProbeTest {
    private static final String GROUP = "IPaddr2::192.0.2.1";
    private static final IpAddress ADDRESS = IpAddress.of("192.0.2.1");
    private static final MacAddress OWN = new MacAddress(1);
    private static final MacAddress OTHER = new MacAddress(2);
    private static final long MILLIS = 1_000_000;

    private final ClaimProbe probe = new ClaimProbe(GROUP, Set.of(ADDRESS), Set.of(OWN), false);

    private static ClaimFrame says(ClaimState state) {
        return new ClaimFrame(false, 1, "bob", 2, Map.of(ClaimFrame.number(GROUP), new ClaimAnswer(state, 0, 3)));
    }

    @Test
    void silenceMeansFree() {
        assertThat(probe.report(29 * MILLIS)).isEmpty();
        assertThat(probe.report(30 * MILLIS))
                .hasValueSatisfying(report -> assertThat(report.result()).isEqualTo(new ClaimResult.Free()));
    }

    @Test
    void aDaemonThatHasItIsBelievedAtOnce() {
        probe.located(ADDRESS, OTHER);
        probe.answered(says(ClaimState.HAS));
        assertThat(probe.report(MILLIS))
                .hasValueSatisfying(
                        report -> assertThat(report.result()).isEqualTo(new ClaimResult.HeldByLiveDaemon("bob")));
    }

    @Test
    void aKernelWithoutItsDaemonIsWaitedForALittleLonger() {
        probe.located(ADDRESS, OTHER);
        assertThat(probe.report(59 * MILLIS)).isEmpty();
        assertThat(probe.report(60 * MILLIS))
                .hasValueSatisfying(report ->
                        assertThat(report.result()).isEqualTo(new ClaimResult.AnsweredWithoutDaemon(ADDRESS, OTHER)));
    }

    @Test
    void andLongerWhereNobodyWaits() {
        ClaimProbe patient = new ClaimProbe(GROUP, Set.of(ADDRESS), Set.of(OWN), true);
        patient.located(ADDRESS, OTHER);
        assertThat(patient.report(249 * MILLIS)).isEmpty();
        patient.answered(says(ClaimState.HAS));
        assertThat(patient.report(249 * MILLIS))
                .hasValueSatisfying(
                        report -> assertThat(report.result()).isEqualTo(new ClaimResult.HeldByLiveDaemon("bob")));
    }

    @Test
    void aDaemonThatHasNothingIsReachedAllTheSame() {
        probe.answered(new ClaimFrame(false, 1, "bob", 2, Map.of()));
        assertThat(probe.report(30 * MILLIS)).hasValueSatisfying(report -> {
            assertThat(report.result()).isEqualTo(new ClaimResult.Free());
            assertThat(report.daemons()).containsOnlyKeys("bob");
            assertThat(report.daemons()).containsValue(new ClaimAnswer(ClaimState.NOTHING, 0, 0));
        });
    }

    @Test
    void ownAnswersAndOtherAddressesMeanNothing() {
        probe.located(ADDRESS, OWN);
        probe.located(IpAddress.of("192.0.2.9"), OTHER);
        assertThat(probe.report(30 * MILLIS))
                .hasValueSatisfying(report -> assertThat(report.result()).isEqualTo(new ClaimResult.Free()));
    }
}
