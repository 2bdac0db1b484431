package org.halvs.ldirectord.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.halvs.ldirectord.daemon.ConfigWatch.Look;
import org.halvs.ldirectord.daemon.ConfigWatch.Verdict;
import org.junit.jupiter.api.Test;

class ConfigWatchTest {
    @Test
    void judgesByContent() {
        Look first = new Look(1, 10, "a");
        ConfigWatch watch = new ConfigWatch(Optional.of(first));

        assertThat(watch.judge(Optional.of(first))).isEqualTo(Verdict.SAME);
        assertThat(watch.judge(Optional.of(new Look(2, 10, "a")))).isEqualTo(Verdict.SAME);
        // within the second in which ldirectord would have missed it
        assertThat(watch.judge(Optional.of(new Look(2, 10, "b")))).isEqualTo(Verdict.CHANGED);
        assertThat(watch.judge(Optional.of(new Look(2, 10, "b")))).isEqualTo(Verdict.SAME);
        assertThat(watch.judge(Optional.empty())).isEqualTo(Verdict.VANISHED);
        assertThat(watch.judge(Optional.empty())).isEqualTo(Verdict.SAME);
        assertThat(watch.judge(Optional.of(new Look(3, 10, "b")))).isEqualTo(Verdict.SAME);
        assertThat(watch.judge(Optional.empty())).isEqualTo(Verdict.VANISHED);
        assertThat(watch.judge(Optional.of(new Look(3, 10, "c")))).isEqualTo(Verdict.CHANGED);
    }
}
