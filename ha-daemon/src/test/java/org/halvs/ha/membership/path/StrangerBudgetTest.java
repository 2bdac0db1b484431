package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StrangerBudgetTest {
    private static final long SECOND = 1_000_000_000;

    private final StrangerBudget budget = new StrangerBudget();

    private int taken(int asked, long nowNanos) {
        int taken = 0;
        for (int i = 0; i < asked; i++) {
            taken += budget.take(nowNanos) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void aBurstAndThenOneAtATime() {
        assertThat(taken(100_000, -SECOND)).isEqualTo(StrangerBudget.BURST);
        assertThat(taken(100_000, -SECOND + 10_000_000)).isEqualTo(StrangerBudget.PER_SECOND / 100);
        assertThat(taken(100_000, 5 * SECOND))
                .as("no more than a burst is saved up")
                .isEqualTo(StrangerBudget.BURST);
    }
}
