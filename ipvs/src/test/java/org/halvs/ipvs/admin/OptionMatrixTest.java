package org.halvs.ipvs.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * What ipvsadm 1.31 said to wrong command lines: two of each text among twelve thousand, every command with every option, with right and wrong values, and
 * combinations of up to five.
 */
class OptionMatrixTest {
    private final Ipvsadm ipvsadm = new Ipvsadm(new MemoryNameService("http 80/tcp\n"));
    private final MemoryBackend backend = new MemoryBackend(List.of("lo", "eth0"), List.of());

    @Test
    void everyComplaintIsTheSame() {
        List<Recording.Step> steps = Recording.steps("options.txt");
        SoftAssertions softly = new SoftAssertions();
        for (Recording.Step step : steps) {
            Outcome outcome = ipvsadm.run(step.arguments(), "", backend);
            String where = "options.txt:" + step.line() + " " + step.command();
            softly.assertThat(outcome.stdout() + outcome.stderr()).as(where).isEqualTo(step.output());
            softly.assertThat(outcome.exitStatus())
                    .as(where)
                    .isEqualTo(step.exitStatus().orElseThrow());
        }
        softly.assertAll();
        assertThat(steps).hasSizeGreaterThan(600);
    }

    @Test
    void aListingTakesASyncIdAndIgnoresIt() {
        assertThat(ipvsadm.run(List.of("-L", "-n", "--syncid", "3"), "", backend))
                .isEqualTo(ipvsadm.run(List.of("-L", "-n"), "", backend));
    }
}
