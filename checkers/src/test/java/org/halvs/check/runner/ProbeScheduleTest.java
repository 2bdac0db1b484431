package org.halvs.check.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.check.ProbeKey;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

class ProbeScheduleTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1000 * MILLI;
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final Map<ProbeKey, FakeEntry> entries = new LinkedHashMap<>();
    private final List<String> log = new ArrayList<>();
    private final ProbeSchedule schedule = new ProbeSchedule(key -> {
        FakeEntry entry = new FakeEntry(key);
        entries.put(key, entry);
        return entry;
    });
    private long now = -20 * SECOND; // System.nanoTime may be negative

    private static final class FakeEntry implements ProbeSchedule.Entry {
        final ProbeKey key;
        boolean busy;
        boolean instant = true;
        long deadline;
        final List<Long> starts = new ArrayList<>();

        FakeEntry(ProbeKey key) {
            this.key = key;
        }

        @Override
        public ProbeKey key() {
            return key;
        }

        @Override
        public boolean busy() {
            return busy;
        }

        @Override
        public long deadlineNanos() {
            return deadline;
        }
    }

    private final ProbeSchedule.Effects effects = new ProbeSchedule.Effects() {
        @Override
        public void start(ProbeSchedule.Entry entry, long dueNanos) {
            FakeEntry fake = (FakeEntry) entry;
            fake.starts.add(dueNanos);
            fake.busy = !fake.instant;
            fake.deadline = now + fake.key.spec().timeout().toNanos();
        }

        @Override
        public void expire(ProbeSchedule.Entry entry) {
            ((FakeEntry) entry).busy = false;
            log.add("expire " + entry.key().target());
        }

        @Override
        public void drop(ProbeSchedule.Entry entry) {
            log.add("drop " + entry.key().target());
        }
    };

    private static ProbeKey key(int host) {
        return new ProbeKey(
                new CheckTarget(IpAddress.ofIpv4(0x0a000000 + host), 80),
                new CheckSpec.Connect(Duration.ofMillis(2500)));
    }

    private FakeEntry entry(int host) {
        return Objects.requireNonNull(entries.get(key(host)));
    }

    private static List<Probe> probes(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(host -> new Probe(key(host), INTERVAL))
                .toList();
    }

    private void run(long nanos) {
        for (long end = now + nanos; end - now > 0; now += MILLI) {
            schedule.advance(now, effects);
        }
    }

    @Test
    void startsNewProbesAtOnceAndThenKeepsTheRate() {
        long begin = now;
        schedule.replace(probes(0, 100), now, effects);
        run(30 * SECOND);
        for (FakeEntry entry : entries.values()) {
            assertThat(entry.starts.getFirst() - begin).isBetween(0L, 10 * MILLI);
            assertThat(entry.starts.get(1) - entry.starts.get(0)).isBetween(SECOND / 2, 3 * SECOND / 2);
            for (int i = 2; i < entry.starts.size(); i++) {
                assertThat(entry.starts.get(i) - entry.starts.get(i - 1)).isEqualTo(SECOND);
            }
            assertThat(entry.starts).hasSizeBetween(29, 31);
        }
    }

    @Test
    void spreadsTheLoadEvenly() {
        schedule.replace(probes(0, 10_000), now, effects);
        run(2 * SECOND);
        entries.values().forEach(entry -> entry.starts.clear());
        long begin = now;
        run(SECOND);
        int[] perTenth = new int[10];
        entries.values().forEach(entry -> perTenth[(int) ((entry.starts.getFirst() - begin) / (SECOND / 10))]++);
        assertThat(IntStream.of(perTenth).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(850, 1150));
    }

    @Test
    void runsOneProbeOfAKeyAtATimeAndExpiresIt() {
        schedule.replace(probes(0, 1), now, effects);
        FakeEntry entry = entry(0);
        entry.instant = false;
        run(10 * SECOND);
        assertThat(entry.starts).hasSizeBetween(3, 4);
        assertThat(log).hasSize(entry.starts.size() - (entry.busy ? 1 : 0)).allMatch("expire 10.0.0.0:80"::equals);
        assertThat(schedule.skipped()).isPositive();
    }

    @Test
    void leavesUnaffectedProbesAloneWhenTheSetChanges() {
        schedule.replace(probes(0, 2), now, effects);
        run(3 * SECOND);
        List<Long> before = entry(1).starts;
        int count = before.size();
        schedule.replace(probes(1, 3), now, effects);
        run(3 * SECOND);
        assertThat(log).containsExactly("drop 10.0.0.0:80");
        assertThat(before.subList(count, before.size())).hasSize(3);
        assertThat(before.get(count) - before.get(count - 1)).isEqualTo(SECOND);
        assertThat(entry(2).starts).hasSizeBetween(3, 4);
    }

    @Test
    void takesTheShorterOfTwoIntervalsAndFollowsAChangedOne() {
        schedule.replace(
                List.of(new Probe(key(0), Duration.ofSeconds(9)), new Probe(key(0), Duration.ofSeconds(2))),
                now,
                effects);
        run(20 * SECOND);
        List<Long> starts = entry(0).starts;
        assertThat(starts).hasSizeBetween(10, 11);
        starts.clear();
        schedule.replace(List.of(new Probe(key(0), Duration.ofMillis(500))), now, effects);
        run(10 * SECOND);
        assertThat(starts).hasSizeBetween(19, 21);
    }

    @Test
    void skipsWhatItMissedWhenTheClockJumps() {
        schedule.replace(probes(0, 1), now, effects);
        run(2 * SECOND);
        int count = entry(0).starts.size();
        now += 100 * SECOND;
        run(SECOND);
        assertThat(entry(0).starts.size() - count).isBetween(1, 2);
    }
}
