package org.halvs.ha.arbitration;

import java.util.LinkedHashMap;
import java.util.Map;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimState;

/**
 * What the control loop last said of the groups, and what that is worth a moment later, for whoever answers other nodes meanwhile. Thread-safe.
 */
public final class PublishedClaims {
    /** What is published is renewed at least every 400 ms; a loop that does not do that for so long does not decide anything. */
    private static final long UNDECIDED_NANOS = 1_000_000_000L;

    private record Published(Map<String, ClaimAnswer> answers, long atNanos) {}

    private final Wakefulness wakefulness;
    private volatile Published published;

    /** @param nowNanos the time of {@link #publish} and {@link #at} as well */
    public PublishedClaims(Wakefulness wakefulness, long nowNanos) {
        this.wakefulness = wakefulness;
        this.published = new Published(Map.of(), nowNanos);
    }

    /** @param answers by group */
    public void publish(Map<String, ClaimAnswer> answers, long nowNanos) {
        published = new Published(Map.copyOf(answers), nowNanos);
    }

    /**
     * What is true of the groups now: the time a group has been held goes on, and a loop that does not move may have lost it.
     *
     * @param doubtNanos after so long without a heartbeat sent this node may have been asleep
     */
    public Map<String, ClaimAnswer> at(long nowNanos, long doubtNanos) {
        Published last = published;
        // what was renewed since the caller looked at the clock is of now
        long age = Math.max(0, nowNanos - last.atNanos);
        boolean doubtful = age > UNDECIDED_NANOS || wakefulness.isDoubtful(nowNanos, doubtNanos);
        Map<String, ClaimAnswer> now = new LinkedHashMap<>();
        last.answers.forEach((group, answer) -> {
            boolean doubt = answer.state() == ClaimState.HAS && doubtful;
            long held = answer.heldMillis() == 0 ? 0 : answer.heldMillis() + age / 1_000_000;
            now.put(group, new ClaimAnswer(doubt ? ClaimState.DOUBTS : answer.state(), held, answer.configHash()));
        });
        return now;
    }
}
