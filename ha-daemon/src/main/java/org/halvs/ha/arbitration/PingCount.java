package org.halvs.ha.arbitration;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/** Which ping nodes answer: one counts until it has been silent for deadping. Pure; not thread-safe. */
final class PingCount {
    private final long deadpingNanos;
    private final long startedNanos;
    private final long[] answeredNanos;
    private final boolean[] answered;

    PingCount(int targets, long deadpingNanos, long nowNanos) {
        this.deadpingNanos = deadpingNanos;
        this.startedNanos = nowNanos;
        this.answeredNanos = new long[targets];
        this.answered = new boolean[targets];
    }

    /** A ping node, or a member of a ping group, has answered. */
    void answered(int target, long nowNanos) {
        answered[target] = true;
        answeredNanos[target] = nowNanos;
    }

    /** Whether one counts; empty as long as it has never answered and may still do so in its time. */
    Optional<Boolean> answers(int target, long nowNanos) {
        if (answered[target]) {
            return Optional.of(nowNanos - answeredNanos[target] < deadpingNanos);
        }
        return nowNanos - startedNanos < deadpingNanos ? Optional.empty() : Optional.of(false);
    }

    /** How many count; empty as long as one that has never answered may still do so in its time. */
    OptionalInt count(long nowNanos) {
        boolean all = true;
        for (boolean one : answered) {
            all &= one;
        }
        if (!all && nowNanos - startedNanos < deadpingNanos) {
            return OptionalInt.empty();
        }
        return OptionalInt.of((int) Arrays.stream(indices())
                .filter(i -> answered[i] && nowNanos - answeredNanos[i] < deadpingNanos)
                .count());
    }

    private int[] indices() {
        int[] all = new int[answered.length];
        Arrays.setAll(all, i -> i);
        return all;
    }
}
