package org.halvs.ha.arbitration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PingCountTest {
    private static final long DEADPING = 1_000;

    @Test
    void nothingIsSaidUntilAllAreKnown() {
        PingCount count = new PingCount(2, DEADPING, 0);
        count.answered(0, 10);
        assertThat(count.count(20)).isEqualTo(OptionalInt.empty());
        count.answered(1, 30);
        assertThat(count.count(30)).isEqualTo(OptionalInt.of(2));
    }

    @Test
    void whoNeverAnswersIsKnownAfterDeadping() {
        PingCount count = new PingCount(2, DEADPING, 0);
        count.answered(0, 900);
        assertThat(count.count(999)).isEqualTo(OptionalInt.empty());
        assertThat(count.count(1_000)).isEqualTo(OptionalInt.of(1));
    }

    @Test
    void oneCountsUntilItWasSilentForDeadping() {
        PingCount count = new PingCount(1, DEADPING, 0);
        count.answered(0, 500);
        assertThat(count.count(1_499)).isEqualTo(OptionalInt.of(1));
        assertThat(count.count(1_500)).isEqualTo(OptionalInt.of(0));
    }
}
