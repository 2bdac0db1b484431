package org.halvs.check.runner;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenessTest {
    @Test
    void answersPercentilesWithinSevenPerCent() {
        Lateness lateness = new Lateness();
        for (int millis = 1; millis <= 1000; millis++) {
            lateness.record(millis * 1_000_000L);
        }
        LatenessSnapshot snapshot = lateness.snapshot();
        assertThat(snapshot.count()).isEqualTo(1000);
        assertThat(snapshot.percentileNanos(50)).isBetween(500_000_000L, 535_000_000L);
        assertThat(snapshot.percentileNanos(99)).isBetween(990_000_000L, 1_000_000_000L);
        assertThat(snapshot.maxNanos()).isEqualTo(1_000_000_000L);
        lateness.record(5_000_000);
        assertThat(lateness.snapshot().since(snapshot).count()).isEqualTo(1);
        assertThat(lateness.snapshot().since(snapshot).maxNanos()).isBetween(5_000_000L, 5_350_000L);
    }

    @Test
    void putsEveryDelayIntoABucketWhoseBoundIsNotBelowIt() {
        for (long micros = 0; micros < 1L << 37; micros = micros * 9 / 8 + 1) {
            int bucket = Lateness.bucketOf(micros);
            if (micros < 1L << 35) {
                assertThat(Lateness.upperBoundMicros(bucket)).isBetween(micros, micros + micros / 16 + 1);
            }
        }
        Lateness lateness = new Lateness();
        lateness.record(Long.MAX_VALUE);
        lateness.record(-1);
        assertThat(lateness.snapshot().count()).isEqualTo(2);
    }
}
