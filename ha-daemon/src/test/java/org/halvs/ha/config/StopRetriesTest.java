package org.halvs.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopRetriesTest {
    private static final Map<String, String> NOTHING = Map.of();

    private static int retries(String lines, Map<String, String> environment, String shellfuncs) {
        ClusterConfig config = HaCf.parse(
                        "ha.cf", "node a b\nbcast eth0\nauto_failback on\n" + lines, HostFacts.unknown())
                .value()
                .orElseThrow();
        return StopRetries.of(config, environment, shellfuncs);
    }

    @Test
    void tenUnlessASiteSaysOtherwise() {
        assertThat(retries("", NOTHING, "HA_DATEFMT=x\n# HA_STOPRETRYMAX=3\n")).isEqualTo(10);
        assertThat(retries("", Map.of("HA_STOPRETRYMAX", "4"), "")).isEqualTo(4);
        assertThat(retries("", Map.of("HA_STOPRETRYMAX", "many"), "")).isEqualTo(10);
        assertThat(retries("env HA_STOPRETRYMAX=0\n", Map.of("HA_STOPRETRYMAX", "4"), ""))
                .isZero();
        assertThat(retries("env HA_STOPRETRYMAX=1\nenv OTHER=7\n", NOTHING, "HA_STOPRETRYMAX=20\n"))
                .isEqualTo(20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HA_STOPRETRYMAX=3",
                "export HA_STOPRETRYMAX=3",
                "  HA_STOPRETRYMAX=\"3\"",
                ": ${HA_STOPRETRYMAX:=3}",
                "x=1\n: ${HA_STOPRETRYMAX=3}\ny=2"
            })
    void shellfuncsSaysItInAnyOfTheseWays(String text) {
        assertThat(retries("", NOTHING, text)).isEqualTo(3);
    }
}
