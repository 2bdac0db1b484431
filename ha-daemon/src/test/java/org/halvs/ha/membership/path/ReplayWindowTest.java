package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {
    @Test
    void eachNumberCountsOnceAndTheTooOldNever() {
        ReplayWindow window = new ReplayWindow();
        assertThat(window.accept(0)).isFalse();
        assertThat(window.accept(1)).isTrue();
        assertThat(window.accept(1)).isFalse();
        assertThat(window.accept(ReplayWindow.SIZE + 2)).isTrue();
        assertThat(window.accept(2)).isFalse();
        assertThat(window.accept(3)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE)).isTrue();
        assertThat(window.accept(4)).isFalse();
    }

    @Test
    void agreesWithASet() {
        Random random = new Random(3);
        ReplayWindow window = new ReplayWindow();
        Set<Long> seen = new HashSet<>();
        long highest = 0;
        for (int i = 0; i < 200_000; i++) {
            long number = Math.max(1, highest + random.nextInt(200) - 150 - (i % 997 == 0 ? 5_000 : 0));
            if (i % 1009 == 0) {
                number += random.nextInt(9_000);
            }
            boolean fresh = number > highest - ReplayWindow.SIZE && seen.add(number);
            assertThat(window.accept(number))
                    .as("%d, highest %d", number, highest)
                    .isEqualTo(fresh);
            highest = Math.max(highest, number);
        }
    }
}
