package org.halvs.ipvs.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What schedulers remember and when they forget it, and twos, of which no recording exists. */
class SchedulerStateTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int DAY = 86_400;

    private final DestinationList servers = new DestinationList();
    private final Flow flow = new Flow();

    private Destination server(int number, int weight, int active) {
        Destination added = new Destination(IpAddress.of("10.0.2." + number), 80, weight);
        added.count(active, 0);
        servers.add(added);
        return added;
    }

    private Flow to(int destination, long seconds) {
        flow.ipv4 = true;
        flow.destinationLow = 0xcb007100L + destination;
        flow.nowNanos = seconds * SECOND;
        return flow;
    }

    /** Ticks once a second, as the processor does, up to a time. */
    private static void tickTo(Scheduler scheduler, long from, long to) {
        for (long second = from; second <= to; second++) {
            scheduler.tick(second * SECOND);
        }
    }

    @Test
    void lblcKeepsADestinationWithItsServerForADay() {
        LocalityLeastConnection lblc = new LocalityLeastConnection(() -> DAY);
        Destination first = server(1, 10, 0);
        assertThat(lblc.choose(servers, to(1, 0))).isEqualTo(first);
        Destination idle = server(2, 10, 0);
        first.count(5, 0);
        assertThat(lblc.choose(servers, to(2, 0))).as("another destination").isEqualTo(idle);
        tickTo(lblc, 0, DAY - 1801);
        assertThat(lblc.choose(servers, to(1, DAY - 1801))).isEqualTo(first);
        // Half-hourly scans: the last one before the day is over leaves it, the one behind takes it.
        tickTo(lblc, DAY - 1800, 2 * DAY - 1801 - 1);
        assertThat(lblc.cached()).isEqualTo(1);
        tickTo(lblc, 2 * DAY - 1801, 2 * DAY + 1800);
        assertThat(lblc.cached()).isZero();
        assertThat(lblc.choose(servers, to(1, 2 * DAY + 1801))).isEqualTo(idle);
    }

    @Test
    void lblcLeavesAServerThatIsGoneDrainedOrBusyWhileOthersIdle() {
        LocalityLeastConnection lblc = new LocalityLeastConnection(() -> DAY);
        Destination first = server(1, 4, 0);
        assertThat(lblc.choose(servers, to(1, 0))).isEqualTo(first);
        Destination other = server(2, 4, 2);
        first.count(5, 0);
        assertThat(lblc.choose(servers, to(1, 1)))
                .as("2 of 4 is not less than half")
                .isEqualTo(first);
        other.count(-1, 0);
        assertThat(lblc.choose(servers, to(1, 2))).isEqualTo(other);
        other.weight(0);
        assertThat(lblc.choose(servers, to(1, 3))).isEqualTo(first);
        servers.remove(first);
        other.weight(1);
        assertThat(lblc.choose(servers, to(1, 4))).isEqualTo(other);
    }

    @Test
    void aFullCacheOfLblcIsThinnedOfWhatIsIdleForSixMinutes() {
        LocalityLeastConnection lblc = new LocalityLeastConnection(() -> DAY);
        server(1, 1, 0);
        int most = 16_384;
        for (int i = 0; i < most + 3000; i++) {
            lblc.choose(servers, to(i, 0));
        }
        assertThat(lblc.cached()).isEqualTo(most + 3000);
        tickTo(lblc, 0, 359);
        assertThat(lblc.cached()).isEqualTo(most + 3000);
        tickTo(lblc, 360, 361);
        assertThat(lblc.cached()).as("four thirds of what is too much").isEqualTo(most + 3000 - 4000);
        for (int i = 0; i < 2 * most; i++) {
            lblc.choose(servers, to(i, 362));
        }
        assertThat(lblc.cached()).as("one and a half times the maximum").isEqualTo(most + most / 2);
    }

    @Test
    void lblcrGrowsASetUnderLoadAndShrinksItAfterADay() {
        Scheduler lblcr = new LocalityReplication(() -> DAY);
        Destination first = server(1, 4, 0);
        assertThat(lblcr.choose(servers, to(1, 0))).isEqualTo(first);
        Destination second = server(2, 4, 0);
        first.count(5, 0);
        assertThat(lblcr.choose(servers, to(1, 1))).as("added to the set").isEqualTo(second);
        second.count(1, 0);
        first.count(-5, 0);
        assertThat(lblcr.choose(servers, to(1, 2))).as("the least of the set").isEqualTo(first);
        second.count(2, 0);
        assertThat(lblcr.choose(servers, to(1, DAY + 1)))
                .as("the set is a day old, not older")
                .isEqualTo(first);
        assertThat(lblcr.choose(servers, to(1, DAY + 2))).isEqualTo(first);
        second.count(-3, 0);
        first.count(3, 0);
        assertThat(lblcr.choose(servers, to(1, DAY + 3)))
                .as("the busier one left the set, so the idle one is not looked at")
                .isEqualTo(first);
    }

    @Test
    void anActiveConnectionWeighs256InactiveOnes() {
        Destination busy = server(1, 1, 0);
        Destination first = server(2, 1, 1);
        busy.count(0, 256);
        assertThat(new LeastConnection().choose(servers, flow)).as("equal").isEqualTo(first);
        assertThat(new WeightedLeastConnection().choose(servers, flow)).isEqualTo(first);
        busy.count(0, -1);
        assertThat(new LeastConnection().choose(servers, flow)).isEqualTo(busy);
    }

    @Test
    void roundsWithTooManyEntriesDoNotBringTheFullScanNearer() {
        LocalityLeastConnection lblc = new LocalityLeastConnection(() -> 60);
        server(1, 1, 0);
        for (int i = 0; i <= 16_384; i++) {
            lblc.choose(servers, to(i, 0));
        }
        tickTo(lblc, 0, 359);
        assertThat(lblc.cached()).isEqualTo(16_385);
        tickTo(lblc, 360, 360);
        assertThat(lblc.cached()).as("six rounds for nothing").isEqualTo(16_384);
        tickTo(lblc, 361, 360 + 29 * 60);
        assertThat(lblc.cached()).isEqualTo(16_384);
        tickTo(lblc, 361 + 29 * 60, 360 + 30 * 60);
        assertThat(lblc.cached()).as("30 quiet rounds later").isZero();
    }

    /** Draws what it is told to. */
    private static final class Drawn implements RandomGenerator {
        private final Deque<Long> next = new ArrayDeque<>();
        private long bound;

        Drawn then(long... values) {
            for (long value : values) {
                next.add(value);
            }
            return this;
        }

        @Override
        public long nextLong() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long nextLong(long limit) {
            bound = limit;
            return next.remove();
        }
    }

    @Test
    void twosTakesTheLessLoadedOfTwoDrawnByWeight() {
        Drawn drawn = new Drawn();
        PowerOfTwo twos = new PowerOfTwo(drawn);
        Destination third = server(3, 3, 9);
        Destination second = server(2, 2, 1);
        Destination first = server(1, 1, 1);
        // The list is first, second, third: 0 and 1 draw the first, 2 and 3 the second, 4 to 6 the third.
        assertThat(twos.choose(servers, drawnFlow(drawn, 0, 1))).isEqualTo(first);
        assertThat(drawn.bound).as("the sum of the weights is drawn as well").isEqualTo(7);
        assertThat(twos.choose(servers, drawnFlow(drawn, 1, 2)))
                .as("half the load for its weight")
                .isEqualTo(second);
        assertThat(twos.choose(servers, drawnFlow(drawn, 6, 3))).isEqualTo(second);
        assertThat(twos.choose(servers, drawnFlow(drawn, 4, 0))).isEqualTo(first);
        assertThat(twos.choose(servers, drawnFlow(drawn, 4, 6))).isEqualTo(third);
        first.count(-1, 0);
        second.count(-1, 0);
        assertThat(twos.choose(servers, drawnFlow(drawn, 3, 0)))
                .as("equal: the first drawn")
                .isEqualTo(second);
        second.overloaded(true);
        third.weight(0);
        assertThat(twos.choose(servers, drawnFlow(drawn, 1, 0))).isEqualTo(first);
        assertThat(drawn.bound).isEqualTo(2);
        first.weight(0);
        assertThat(twos.choose(servers, flow)).isNull();
    }

    private Flow drawnFlow(Drawn drawn, long... values) {
        drawn.then(values);
        return flow;
    }

    @Test
    void twosSpreadsByWeightWhenAllAreIdle() {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        PowerOfTwo twos = new PowerOfTwo(random);
        List<Destination> all = List.of(server(1, 100, 0), server(2, 200, 0), server(3, 700, 0));
        Map<Destination, Integer> chosen = new LinkedHashMap<>();
        for (int i = 0; i < 100_000; i++) {
            @Nullable Destination choice = twos.choose(servers, flow);
            assertThat(choice).isNotNull();
            chosen.merge(choice, 1, Integer::sum);
        }
        assertThat(chosen.getOrDefault(all.get(0), 0)).isBetween(9_000, 11_000);
        assertThat(chosen.getOrDefault(all.get(1), 0)).isBetween(18_500, 21_500);
        assertThat(chosen.getOrDefault(all.get(2), 0)).isBetween(68_000, 72_000);
    }
}
