package org.halvs.ha.membership;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WakefulnessTest {
    private static final long AFTER = 75;

    private final Wakefulness wakefulness = new Wakefulness();

    @Test
    void nothingIsDoubtedBeforeThereAreHeartbeats() {
        assertThat(wakefulness.isDoubtful(1_000_000, AFTER)).isFalse();
    }

    @Test
    void aSilenceOfTheThreadOfHeartbeatsIsDoubtful() {
        wakefulness.awake(1000);
        assertThat(wakefulness.isDoubtful(1000 + AFTER, AFTER)).isFalse();
        assertThat(wakefulness.isDoubtful(1001 + AFTER, AFTER)).isTrue();
    }

    @Test
    void aSleepIsDoubtfulUntilItWasDealtWithThoughTheThreadRunsAgain() {
        wakefulness.awake(1000);
        wakefulness.slept();
        wakefulness.awake(5000);
        assertThat(wakefulness.isDoubtful(5001, AFTER)).isTrue();
        wakefulness.acknowledge(wakefulness.sleeps());
        assertThat(wakefulness.isDoubtful(5002, AFTER)).isFalse();
    }

    @Test
    void aSleepWhileAnotherOneIsDealtWithCountsAgain() {
        wakefulness.awake(1000);
        wakefulness.slept();
        long known = wakefulness.sleeps();
        wakefulness.slept();
        wakefulness.acknowledge(known);
        assertThat(wakefulness.isDoubtful(1001, AFTER)).isTrue();
    }

    @Test
    void anOrderlyEndOfHeartbeatsIsNoSleep() {
        wakefulness.awake(1000);
        wakefulness.unwatched();
        assertThat(wakefulness.isDoubtful(1_000_000, AFTER)).isFalse();
    }
}
