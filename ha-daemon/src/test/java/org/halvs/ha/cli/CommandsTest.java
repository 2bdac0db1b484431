package org.halvs.ha.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "daemon",
                "check",
                "status",
                "events",
                "standby",
                "takeover",
                "reload",
                "plan",
                "sysctl",
                "drain",
                "weight",
                "replay",
                "cleanup"
            })
    void everyCommandExplainsItself(String command) {
        assertThat(Commands.run(List.of(command, "--help"))).isZero();
        assertThat(Commands.run(List.of("help", command))).isZero();
        assertThat(Commands.run(List.of(command, "--no-such-option"))).isEqualTo(2);
    }
}
