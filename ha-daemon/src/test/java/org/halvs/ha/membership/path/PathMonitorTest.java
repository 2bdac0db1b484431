package org.halvs.ha.membership.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Times in milliseconds here. */
class PathMonitorTest {
    private static final long MS = 1_000_000;
    private static final long KEEPALIVE = 25;
    private static final long WARNTIME = 60;
    private static final long DEADTIME = 100;

    private final List<String> seen = new ArrayList<>();
    private final PathMonitor monitor = monitor(1, 2);

    private PathMonitor monitor(int peers, int paths) {
        return new PathMonitor(peers, paths, WARNTIME * MS, DEADTIME * MS, 0, new PathMonitor.Observer() {
            @Override
            public void linkUp(int peer, int path) {
                seen.add("up " + peer + " " + path);
            }

            @Override
            public void linkDown(int peer, int path) {
                seen.add("down " + peer + " " + path);
            }

            @Override
            public void late(int peer, long intervalNanos, long deadtimeNanos) {
                seen.add("late " + peer + " " + intervalNanos / MS + " of " + deadtimeNanos / MS);
            }

            @Override
            public void overdue(int peer) {
                seen.add("overdue " + peer);
            }

            @Override
            public void silent(int peer) {
                seen.add("silent " + peer);
            }

            @Override
            public void oneWay(int peer, boolean notHeard) {
                seen.add((notHeard ? "deaf " : "hears ") + peer);
            }
        });
    }

    private void heard(int path, long now) {
        monitor.heard(0, path, DEADTIME * MS, true, now * MS);
        monitor.tick(now * MS);
    }

    private List<String> take() {
        List<String> result = List.copyOf(seen);
        seen.clear();
        return result;
    }

    @Test
    void aNodeNeverHeardIsNoNews() {
        monitor.tick(1_000_000 * MS);
        assertThat(take()).isEmpty();
        assertThat(monitor.nextDueNanos()).isEqualTo(PathMonitor.NEVER);
        assertThat(monitor.isHeard(0)).isFalse();
    }

    @Test
    void oneOfTwoPathsIsEnough() {
        heard(0, 0);
        heard(1, 0);
        assertThat(take()).containsExactly("up 0 0", "up 0 1");
        for (long now = KEEPALIVE; now <= 1_000; now += KEEPALIVE) {
            heard(1, now);
        }
        assertThat(take()).containsExactly("down 0 0");
        assertThat(monitor.isHeard(0)).isTrue();
        heard(0, 1_010);
        assertThat(take()).containsExactly("up 0 0");
    }

    @Test
    void silenceOnAllPathsForDeadtimeIsDeath() {
        heard(0, 0);
        heard(1, 20);
        take();
        assertThat(monitor.nextDueNanos()).as("when it is overdue").isEqualTo(80 * MS);
        monitor.tick(80 * MS);
        assertThat(take()).containsExactly("overdue 0");
        assertThat(monitor.nextDueNanos()).isEqualTo(100 * MS);
        monitor.tick(119 * MS);
        assertThat(take()).containsExactly("down 0 0");
        assertThat(monitor.nextDueNanos()).isEqualTo(120 * MS);
        monitor.tick(120 * MS);
        assertThat(take()).containsExactly("down 0 1", "silent 0");
        monitor.tick(500 * MS);
        assertThat(take()).isEmpty();
        heard(0, 600);
        assertThat(take()).containsExactly("up 0 0");
    }

    /** As in heartbeat: two nodes may have different files. */
    @Test
    void theDeadtimeThePeerStatesCounts() {
        monitor.heard(0, 0, 5_000 * MS, true, 0);
        monitor.tick(4_959 * MS);
        assertThat(take()).containsExactly("up 0 0");
        monitor.tick(4_999 * MS);
        assertThat(take()).containsExactly("overdue 0");
        monitor.tick(5_000 * MS);
        assertThat(take()).containsExactly("down 0 0", "silent 0");
    }

    /** It is overdue 40 ms before it is silent, or half of its deadtime, and may be so again after it was heard. */
    @Test
    void aPeerIsOverdueBeforeItIsSilent() {
        monitor.heard(0, 0, 60 * MS, true, 0);
        monitor.tick(29 * MS);
        assertThat(take()).containsExactly("up 0 0");
        monitor.tick(30 * MS);
        monitor.tick(40 * MS);
        assertThat(take()).containsExactly("overdue 0");
        assertThat(monitor.isAnybodyOverdue()).isTrue();
        monitor.heard(0, 0, 1_000 * MS, true, 50 * MS);
        assertThat(monitor.isAnybodyOverdue()).isFalse();
        monitor.tick(1_009 * MS);
        assertThat(take()).isEmpty();
        monitor.tick(1_010 * MS);
        assertThat(take()).containsExactly("overdue 0");
    }

    @Test
    void aLateHeartbeatIsReportedWithItsInterval() {
        heard(0, 0);
        heard(0, 60);
        heard(0, 121);
        assertThat(take()).containsExactly("up 0 0", "late 0 61 of 100");
    }

    @Test
    void whatThisNodeSleptThroughIsNotCounted() {
        heard(0, 0);
        heard(1, 5);
        take();
        monitor.slept(3_000 * MS, 3_010 * MS);
        monitor.tick(3_010 * MS);
        assertThat(take()).isEmpty();
        assertThat(monitor.lastHeardNanos(0, 0)).isEqualTo(3_000 * MS);
        heard(0, 3_020);
        assertThat(take()).as("no late heartbeat either").isEmpty();
        monitor.tick(3_120 * MS);
        assertThat(take()).contains("silent 0");
    }

    @Test
    void aPeerThatDoesNotHearIsReportedAfterItsDeadtime() {
        monitor.heard(0, 0, DEADTIME * MS, false, 0);
        for (long now = 0; now < 100; now += 20) {
            monitor.heard(0, 0, DEADTIME * MS, false, now * MS);
            monitor.tick(now * MS);
        }
        assertThat(take()).containsExactly("up 0 0");
        monitor.heard(0, 0, DEADTIME * MS, false, 100 * MS);
        monitor.tick(100 * MS);
        assertThat(take()).containsExactly("deaf 0");
        heard(0, 120);
        assertThat(take()).containsExactly("hears 0");
    }

    /** It says so only after its own deadtime, so that there is nothing to wait for. */
    @Test
    void aPeerThatHeardBeforeIsBelievedAtOnce() {
        heard(0, 0);
        monitor.heard(0, 0, DEADTIME * MS, false, 20 * MS);
        monitor.tick(20 * MS);
        assertThat(take()).containsExactly("up 0 0", "deaf 0");
    }

    /** What came in while this node slept tells an old story; its end is what counts. */
    @Test
    void onlyTheLastOfManyHeartbeatsIsJudged() {
        heard(0, 0);
        monitor.slept(1_000 * MS, 1_000 * MS);
        monitor.heard(0, 0, DEADTIME * MS, false, 1_000 * MS);
        monitor.heard(0, 0, DEADTIME * MS, true, 1_000 * MS);
        monitor.tick(1_000 * MS);
        assertThat(take()).containsExactly("up 0 0");
    }

    @Test
    void aNewLifeHasTimeToHear() {
        heard(0, 0);
        monitor.restarted(0, 10 * MS);
        monitor.heard(0, 0, DEADTIME * MS, false, 20 * MS);
        monitor.tick(20 * MS);
        assertThat(take()).containsExactly("up 0 0");
    }

    @Test
    void whoHasGoneIsNotMissed() {
        heard(0, 0);
        monitor.gone(0);
        monitor.tick(10_000 * MS);
        assertThat(take()).containsExactly("up 0 0", "down 0 0");
        assertThat(monitor.nextDueNanos()).isEqualTo(PathMonitor.NEVER);
    }

    /**
     * Heartbeats are lost (up to 40 %), delayed and doubled on three paths, one path is cut now and then, and this node sleeps now and then: as long as one
     * path carries one heartbeat in deadtime nobody is called silent, and once nothing comes any more the peer is called silent within deadtime.
     */
    @Test
    void neverSilentWhileHeardAndAlwaysWhenNot() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            seen.clear();
            PathMonitor three = monitor(1, 3);
            double loss = random.nextDouble() * 0.4;
            int cut = random.nextInt(4);
            long last = -1;
            long now = 0;
            boolean silent = false;
            for (int beat = 0; beat < 2_000; beat++) {
                now += KEEPALIVE;
                if (random.nextInt(200) == 0) {
                    long gap = random.nextInt(1_000);
                    now += gap;
                    three.slept(gap * MS, now * MS);
                    last = last < 0 ? last : Math.min(now, last + gap);
                }
                if (random.nextInt(100) == 0) {
                    cut = random.nextInt(4);
                }
                for (int path = 0; path < 3; path++) {
                    if (path != cut && random.nextDouble() >= loss) {
                        for (int copy = random.nextInt(20) == 0 ? 2 : 1; copy > 0; copy--) {
                            three.heard(0, path, DEADTIME * MS, true, now * MS);
                        }
                        last = now;
                    }
                }
                three.tick(now * MS);
                boolean shouldBeSilent = last >= 0 && now - last >= DEADTIME;
                silent = shouldBeSilent || silent && last != now;
                assertThat(three.isHeard(0)).as("seed %d at %d ms", seed, now).isEqualTo(last >= 0 && !silent);
            }
            three.tick((now + DEADTIME) * MS);
            assertThat(three.isHeard(0)).as("seed %d at the end", seed).isFalse();
        }
    }
}
