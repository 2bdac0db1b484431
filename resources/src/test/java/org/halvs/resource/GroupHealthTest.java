package org.halvs.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.halvs.resource.GroupHealth.Verdict;
import org.junit.jupiter.api.Test;

class GroupHealthTest {
    private static final ResourceSpec WEB = new ResourceSpec("httpd", List.of(), "httpd");
    private static final ActionResult STOPPED = new ActionResult.NotRunning();
    private static final ActionResult HANGS = new ActionResult.TimedOut(Duration.ofSeconds(20), "waiting for lock");

    private final GroupHealth health = new GroupHealth();
    private long now;

    private Verdict answered(ActionResult answer) {
        now += Duration.ofSeconds(10).toNanos();
        return health.answered(WEB, answer, now);
    }

    @Test
    void aResourceThatNeverSaidThatItRunsIsRemarkedOnceAndLeftAlone() {
        assertThat(answered(STOPPED)).isInstanceOf(Verdict.Odd.class);
        assertThat(answered(STOPPED)).isEqualTo(new Verdict.Well());
        assertThat(answered(ActionResult.done())).isEqualTo(new Verdict.Well());
        assertThat(answered(STOPPED)).isEqualTo(new Verdict.Restart("it does not run any more", false));
    }

    @Test
    void whatStopsAgainAndAgainIsLost() {
        answered(ActionResult.done());
        for (int i = 0; i < GroupHealth.RESTARTS; i++) {
            assertThat(answered(STOPPED)).isInstanceOf(Verdict.Restart.class);
        }
        assertThat(answered(STOPPED))
                .isEqualTo(
                        new Verdict.Lost("it does not run any more, and 3 restarts within 10 minutes have not helped"));
    }

    @Test
    void oldRestartsAreForgotten() {
        answered(ActionResult.done());
        for (int i = 0; i < 10; i++) {
            assertThat(answered(STOPPED)).isInstanceOf(Verdict.Restart.class);
            now += Duration.ofMinutes(4).toNanos();
        }
    }

    @Test
    void answersThatAreNoneCountOnlyInARow() {
        answered(ActionResult.done());
        assertThat(answered(HANGS)).isEqualTo(new Verdict.Well());
        assertThat(answered(HANGS)).isEqualTo(new Verdict.Well());
        assertThat(answered(ActionResult.done())).isEqualTo(new Verdict.Well());
        assertThat(answered(HANGS)).isEqualTo(new Verdict.Well());
        assertThat(answered(HANGS)).isEqualTo(new Verdict.Well());
        assertThat(answered(HANGS))
                .isEqualTo(new Verdict.Restart(
                        "its status failed 3 times: no end within 20 s, killed: waiting for lock", true));
    }

    @Test
    void whatDoesNotStartAgainIsLostWithItsLastWords() {
        assertThat(GroupHealth.restarted(new ActionResult.Failed(1, "one\ntwo\n\nthree\nfour\n")))
                .isEqualTo(new Verdict.Lost("it does not start again: exit status 1: two; three; four"));
    }
}
