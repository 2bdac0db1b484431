package org.halvs.resource.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/** When what is announced, in virtual time. */
class AnnounceScheduleTest {
    private static final long MILLISECOND = 1_000_000;
    private static final long ORIGIN = Long.MAX_VALUE - 3_000_000_000L; // the clock may wrap
    private static final IpAddress VIP = IpAddress.of("192.0.2.10");

    private long now = ORIGIN;
    private final Map<IpAddress, List<Long>> rounds = new LinkedHashMap<>();

    private void run(AnnounceSchedule schedule, long untilMillis) {
        while (true) {
            schedule.due(now)
                    .forEach(address -> rounds.computeIfAbsent(address, _ -> new ArrayList<>())
                            .add((now - ORIGIN) / MILLISECOND));
            long wait = schedule.waitNanos(now).orElse(Long.MAX_VALUE);
            if (wait > untilMillis * MILLISECOND - (now - ORIGIN)) {
                return;
            }
            now += Math.max(1, wait);
        }
    }

    @Test
    void oneAddress() {
        AnnounceSchedule schedule = new AnnounceSchedule(AnnounceRounds.DEFAULT, now);
        schedule.start(List.of(VIP), now);
        run(schedule, 100_000);
        assertThat(rounds).containsEntry(VIP, AnnounceRounds.DEFAULT.offsetsMillis());
        assertThat(schedule.waitNanos(now)).isEmpty();
    }

    @Test
    void aThousandAddressesArePacedAndNoneWaitsForTheRepetitionsOfOthers() {
        AnnounceSchedule schedule = new AnnounceSchedule(AnnounceRounds.DEFAULT, now);
        List<IpAddress> addresses = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            addresses.add(IpAddress.ofIpv4(0x0a000001 + i));
        }
        schedule.start(addresses, now);
        run(schedule, 100_000);
        assertThat(rounds).hasSize(1000);
        assertThat(rounds.values()).allSatisfy(times -> {
            assertThat(times).hasSize(AnnounceRounds.DEFAULT.offsetsMillis().size());
            assertThat(times.getFirst()).isLessThanOrEqualTo(125);
            assertThat(times.get(4)).isLessThan(1000);
        });
        Map<Long, Integer> perMillisecond = new LinkedHashMap<>();
        rounds.values().forEach(times -> times.forEach(t -> perMillisecond.merge(t, 1, Integer::sum)));
        assertThat(perMillisecond.values()).allMatch(count -> count <= 24);
    }

    @Test
    void cancelledIsSilentAndRestartedBeginsAgain() {
        AnnounceSchedule schedule = new AnnounceSchedule(AnnounceRounds.DEFAULT, now);
        IpAddress other = IpAddress.of("2001:db8::10");
        schedule.start(List.of(VIP, other), now);
        run(schedule, 450);
        schedule.cancel(List.of(VIP));
        run(schedule, 10_000);
        assertThat(rounds.get(VIP)).containsExactly(0L, 200L, 400L);
        assertThat(rounds.get(other)).hasSize(14);
        now += 20_000 * MILLISECOND - (now - ORIGIN);
        schedule.restart(now);
        run(schedule, 100_000);
        assertThat(rounds.get(VIP)).hasSize(3);
        assertThat(rounds.get(other)).hasSize(28).contains(20_000L, 25_400L);
    }

    @Test
    void theRefreshGoesOn() {
        AnnounceSchedule schedule = new AnnounceSchedule(
                new AnnounceRounds(5, Duration.ofMillis(200), Optional.of(Duration.ofMinutes(1))), now);
        schedule.start(List.of(VIP), now);
        run(schedule, 200_000);
        assertThat(rounds.get(VIP)).endsWith(5400L, 65_400L, 125_400L, 185_400L);
    }

    @Test
    void aLateScheduleDoesNotSendRoundsAtOnce() {
        AnnounceSchedule schedule = new AnnounceSchedule(AnnounceRounds.DEFAULT, now);
        schedule.start(List.of(VIP), now);
        now += 3_000 * MILLISECOND; // the host slept
        run(schedule, 100_000);
        List<Long> times = List.copyOf(rounds.getOrDefault(VIP, List.of()));
        assertThat(times).isNotEmpty();
        for (int i = 1; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 1)).isGreaterThanOrEqualTo(49);
        }
    }

    @Test
    void aSitesCountAndIntervalAreKeptAndTheLaterRoundsStay() {
        assertThat(new AnnounceRounds(2, Duration.ofMillis(500), Optional.empty()).offsetsMillis())
                .containsExactly(0L, 500L, 1000L, 1500L, 2000L, 3000L, 4000L, 5000L, 5500L);
        assertThat(new AnnounceRounds(20, Duration.ofMillis(100), Optional.empty()).offsetsMillis())
                .hasSize(26)
                .startsWith(0L, 100L)
                .endsWith(1900L, 2000L, 3000L, 4000L, 5000L, 5100L, 5200L);
        assertThat(AnnounceRounds.DEFAULT.offsetsMillis())
                .containsExactly(
                        0L, 200L, 400L, 600L, 800L, 1000L, 1200L, 1400L, 2000L, 3000L, 4000L, 5000L, 5200L, 5400L);
    }
}
