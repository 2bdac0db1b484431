package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TableRoundTest {
    private static final long ROUND = 60_000_000_000L;
    private static final int LIMIT = 1_000;

    /** How many different indexes a round visits when time passes in steps. */
    private static int visited(long stepNanos) {
        TableRound round = new TableRound(ROUND, 0);
        Set<Integer> indexes = new HashSet<>();
        int visits = 0;
        for (long now = stepNanos; now <= ROUND; now += stepNanos) {
            for (int due = round.due(LIMIT, now); due > 0; due--) {
                indexes.add(round.next(LIMIT));
                visits++;
            }
        }
        assertThat(visits).as("none twice").isEqualTo(indexes.size());
        return indexes.size();
    }

    @Test
    void everyIndexIsVisitedOnceARoundHoweverOftenTimePasses() {
        assertThat(visited(ROUND)).isEqualTo(LIMIT);
        assertThat(visited(1_000_000_000)).isEqualTo(LIMIT);
        assertThat(visited(5_000_000)).isEqualTo(LIMIT);
    }

    @Test
    void afterALongTimeAllAreVisitedOnceAndNotMore() {
        TableRound round = new TableRound(ROUND, 0);
        assertThat(round.due(LIMIT, 10 * ROUND)).isEqualTo(LIMIT);
        assertThat(round.due(LIMIT, 10 * ROUND)).isZero();
    }

    @Test
    void aTableThatShrinksIsWalkedWithinItsLimit() {
        TableRound round = new TableRound(ROUND, 0);
        for (int i = 0; i < LIMIT - 1; i++) {
            round.next(LIMIT);
        }
        assertThat(round.next(3)).isZero();
        assertThat(round.due(0, ROUND)).isZero();
    }
}
