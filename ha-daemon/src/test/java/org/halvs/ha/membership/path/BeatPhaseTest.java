package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times in milliseconds here. */
class BeatPhaseTest {
    private static final long MS = 1_000_000;
    private static final long KEEPALIVE = 60;

    @ParameterizedTest
    @ValueSource(longs = {1, 13, 29, 30, 31, 44, 59})
    void twoNodesComeToSendInTurn(long between) {
        long alice = 0;
        long bob = between * MS;
        for (int i = 0; i < 40; i++) {
            long next = alice + (KEEPALIVE + shift(alice - bob + KEEPALIVE * MS)) * MS;
            bob += (KEEPALIVE + shift(bob - alice)) * MS;
            alice = next;
        }
        assertThat((bob - alice) / MS).isBetween(27L, 33L);
    }

    /** In whole milliseconds. */
    private static long shift(long age) {
        return BeatPhase.shiftNanos(KEEPALIVE * MS, 0, age) / MS;
    }

    @Test
    void noHeartbeatIsMovedFar() {
        assertThat(BeatPhase.shiftNanos(160 * MS, 0, 1)).isEqualTo(10 * MS);
        assertThat(BeatPhase.shiftNanos(160 * MS, 0, 159 * MS)).isEqualTo(-10 * MS);
    }

    @Test
    void whatSaysNothingOfThePhaseMovesNothing() {
        assertThat(BeatPhase.shiftNanos(KEEPALIVE * MS, PathMonitor.NEVER, 5 * MS))
                .isZero();
        assertThat(BeatPhase.shiftNanos(KEEPALIVE * MS, 0, 70 * MS)).isZero();
        assertThat(BeatPhase.shiftNanos(KEEPALIVE * MS, 2 * MS, MS)).isZero();
    }
}
