package org.halvs.ha.arbitration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.ha.config.ArbitrationSettings;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.HaCf;
import org.halvs.ha.config.HostFacts;
import org.halvs.ha.takeover.ArbitrationRules.StopFailure;
import org.junit.jupiter.api.Test;

class ArbitrationConfigurationTest {
    private static final String HA_CF = """
            keepalive 100ms
            deadtime 1
            ping 192.0.2.254
            ping_group routers 192.0.2.252 192.0.2.253
            ucast eth0 192.0.2.11
            node alice
            node bob
            """;

    private static ArbitrationConfiguration configuration(String haCf, ArbitrationSettings own) {
        ClusterConfig config =
                HaCf.parse("ha.cf", haCf, HostFacts.unknown()).value().orElseThrow();
        return new ArbitrationConfiguration(config, own, "alice");
    }

    private static ArbitrationSettings settings(Optional<String> witness, String stopFailure) {
        return new ArbitrationSettings(witness, Optional.empty(), Duration.ofSeconds(9), Map.of(), stopFailure);
    }

    @Test
    void pingNodesAreComparedAfterTwoIntervals() {
        var rules = configuration(HA_CF, ArbitrationSettings.DEFAULT).rules();
        assertThat(rules.pingNodes()).isEqualTo(2);
        assertThat(rules.pingSettle()).isEqualTo(Duration.ofMillis(400));
        assertThat(rules.deafSettle()).isEqualTo(Duration.ofMillis(200));
        assertThat(rules.fencing()).isFalse();
    }

    @Test
    void stonithLinesOfHaCfMakeADeviceAndTheLastOneForThisNodeCounts() {
        String haCf = HA_CF + """
                stonith_host * ipmilan bob 192.0.2.99 623 none admin root sesame
                stonith_host bob ipmilan alice 192.0.2.98 623 none admin root sesame
                """;
        ArbitrationConfiguration configuration = configuration(haCf, ArbitrationSettings.DEFAULT);
        assertThat(configuration.rules().fencing()).isTrue();
        FenceDevice device = configuration.devices().getFirst();
        assertThat(device.command(device.reset(), "bob"))
                .containsExactly(
                        "/usr/sbin/stonith",
                        "-t",
                        "ipmilan",
                        "-p",
                        "bob 192.0.2.99 623 none admin root sesame",
                        "-T",
                        "reset",
                        "bob");
        assertThat(device.hidden("can't log in with sesame\nat 192.0.2.99")).doesNotContain("sesame");
    }

    @Test
    void whatDoesNotFitIsAProblem() {
        assertThat(problems(settings(Optional.of("dave"), "alert"))).containsExactly("dave is no node of ha.cf");
        assertThat(problems(settings(Optional.of("bob"), "alert")))
                .singleElement()
                .asString()
                .contains("three nodes");
        assertThat(problems(settings(Optional.empty(), "fence")))
                .containsExactly("fence needs something that resets machines");
        assertThat(problems(settings(Optional.empty(), "reboot"))).isEmpty();
        assertThat(configuration(HA_CF, settings(Optional.empty(), "reboot"))
                        .rules()
                        .stopFailure())
                .isEqualTo(StopFailure.REBOOT);
    }

    private static List<String> problems(ArbitrationSettings own) {
        return configuration(HA_CF, own).problems(Path.of("/etc/ha.d")).stream()
                .map(problem -> problem.message())
                .toList();
    }
}
