package org.halvs.ldirectord;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.halvs.dialect.ConfigProblem;
import org.halvs.director.Recovery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code successcount} and {@code slowstart}, which ldirectord does not have. */
class RecoveryDirectivesTest {
    private static final String SERVICE = """
            virtual=192.0.2.10:80
            \treal=192.0.2.21:80 gate %s
            \t%s
            """;

    @Test
    void withoutThemServersComeBackAsWithLdirectord() {
        assertThat(recovery(SERVICE.formatted("10", "scheduler=wlc"))).isEqualTo(Recovery.AT_ONCE);
    }

    @Test
    void virtualServiceTakesTheGlobalValueOrItsOwn() {
        String globals = "successcount = 3\nslowstart = 60\n";
        assertThat(recovery(globals + SERVICE.formatted("10", "scheduler=wlc")))
                .isEqualTo(new Recovery(3, Duration.ofSeconds(60), 10));
        assertThat(recovery(globals + SERVICE.formatted("10", "slowstart = 5 # s\n\tsuccesscount=2")))
                .isEqualTo(new Recovery(2, Duration.ofSeconds(5), 10));
        assertThat(recovery(globals + SERVICE.formatted("10", "slowstart = 0")))
                .isEqualTo(new Recovery(3, Duration.ZERO, 100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "abc", "2s", "", "2 3", "1000001", "99999999999999999999"})
    void successcountThatIsNoCountIsRefused(String value) {
        assertThat(Recordings.read("successcount = " + value + "\n")
                        .firstError()
                        .orElseThrow()
                        .text())
                .isEqualTo("invalid success count value");
        assertThat(Recordings.read(SERVICE.formatted("10", "successcount = " + value))
                        .result()
                        .errors())
                .extracting(ConfigProblem::message, ConfigProblem::line)
                .containsExactly(org.assertj.core.api.Assertions.tuple("invalid success count", 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1m", "", "1000001"})
    void slowstartThatIsNoTimeIsRefused(String value) {
        assertThat(Recordings.read("slowstart = " + value + "\n").result().errors())
                .extracting(ConfigProblem::remedy)
                .first()
                .asString()
                .startsWith("slowstart takes a whole number of seconds, 0 for at once");
    }

    @Test
    void slowStartThatCanNotWorkIsSaid() {
        assertThat(Recordings.read(SERVICE.formatted("1", "slowstart=30"))
                        .result()
                        .problems())
                .isEmpty();
        assertThat(Recordings.read(SERVICE.formatted("10", "slowstart=30\n\tscheduler=rr"))
                        .result()
                        .problems())
                .extracting(ConfigProblem::message)
                .containsExactly("has no effect: scheduler rr knows no weights");
        assertThat(Recordings.read(SERVICE.formatted("10", "slowstart=30"))
                        .result()
                        .problems())
                .isEmpty();
    }

    private static Recovery recovery(String text) {
        return Recordings.read(text)
                .result()
                .value()
                .orElseThrow()
                .services()
                .virtuals()
                .getFirst()
                .recovery();
    }
}
