package org.halvs.ha.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.ViewId;
import org.junit.jupiter.api.Test;

/** When a node says what it has said already. */
class StatusBookTest {
    private static final long SECOND = 1_000_000_000L;
    private static final ViewId VIEW = new ViewId("alice", 1);

    private final StatusBook alice = new StatusBook(status("alice", 0), 0);
    private final StatusBook bob = new StatusBook(status("bob", 0), 0);

    private static NodeStatus status(String node, int pings) {
        return new NodeStatus(node, 7, 0, VIEW, true, true, false, 1, pings, Map.of(), List.of(), List.of());
    }

    StatusBookTest() {
        ClusterView both = new ClusterView(VIEW, List.of("alice", "bob"), false);
        alice.viewInstalled(both);
        bob.viewInstalled(both);
    }

    /** What {@code from} has to say now reaches the other; answers whether it had something to say. */
    private static boolean tell(StatusBook from, StatusBook to, long now) {
        from.time(now);
        return from.toSend(now)
                .map(said -> {
                    boolean _ = to.hear(said, now);
                    to.renew(status(to.own().node(), to.own().pings()));
                    return true;
                })
                .orElse(false);
    }

    private static boolean lose(StatusBook from, long now) {
        from.time(now);
        return from.toSend(now).isPresent();
    }

    /** Until nobody has anything to say. */
    private void talk(long now) {
        boolean more = true;
        for (int i = 0; more; i++) {
            assertThat(i).as("rounds of talk").isLessThan(5);
            boolean told = tell(alice, bob, now);
            more = tell(bob, alice, now) || told;
        }
    }

    @Test
    void whatEverybodyHasHeardIsRepeatedEveryTenSeconds() {
        talk(0);
        assertThat(alice.resendNanos()).isEqualTo(10 * SECOND);
        for (int second = 1; second < 10; second++) {
            assertThat(lose(alice, second * SECOND)).as("second %d", second).isFalse();
        }
        assertThat(tell(alice, bob, 10 * SECOND)).isTrue();
    }

    @Test
    void whatIsLostIsRepeatedEverySecondUntilItIsHeard() {
        talk(0);
        alice.renew(status("alice", 3));
        for (int second = 1; second < 5; second++) {
            assertThat(lose(alice, second * SECOND)).isTrue();
            assertThat(lose(alice, second * SECOND + SECOND / 2)).isFalse();
        }
        talk(5 * SECOND);
        assertThat(bob.peer("alice").orElseThrow().pings()).isEqualTo(3);
        assertThat(alice.resendNanos()).isEqualTo(15 * SECOND);
    }

    @Test
    void whoeverRepeatsIsAnsweredAgain() {
        talk(0);
        alice.renew(status("alice", 3));
        assertThat(tell(alice, bob, SECOND)).isTrue();
        assertThat(lose(bob, SECOND)).as("the answer").isTrue();
        assertThat(tell(alice, bob, 2 * SECOND)).as("again").isTrue();
        assertThat(tell(bob, alice, 2 * SECOND)).as("and answered").isTrue();
        assertThat(alice.resendNanos()).isEqualTo(12 * SECOND);
        assertThat(lose(alice, 2 * SECOND)).as("an answer is none to answer").isFalse();
    }

    @Test
    void aMemberThatSaidNothingYetIsToldEverySecond() {
        assertThat(lose(alice, 0)).isTrue();
        assertThat(alice.resendNanos()).isEqualTo(SECOND);
        alice.viewInstalled(new ClusterView(new ViewId("alice", 2), List.of("alice"), false));
        assertThat(lose(alice, SECOND)).as("to whom it may concern").isTrue();
        assertThat(alice.resendNanos()).as("alone").isEqualTo(11 * SECOND);
    }
}
