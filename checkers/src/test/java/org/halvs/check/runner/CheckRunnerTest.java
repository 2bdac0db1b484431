package org.halvs.check.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckSpec.Combined;
import org.halvs.check.CheckSpec.Connect;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckSpec.Negotiate;
import org.halvs.check.CheckTarget;
import org.halvs.check.HealthChecker;
import org.halvs.check.ProbeKey;
import org.halvs.check.Service;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

class CheckRunnerTest {
    private static final Duration TIMEOUT = Duration.ofMillis(200);
    private static final CheckResult OK = new Passed("ok");

    private final List<CheckResult> results = Collections.synchronizedList(new ArrayList<>());

    private static ProbeKey key(int host, CheckSpec spec) {
        return new ProbeKey(new CheckTarget(IpAddress.ofIpv4(0x7f000001 + host), 80), spec);
    }

    private static List<Probe> probes(int count, Duration interval) {
        return IntStream.range(0, count)
                .mapToObj(host -> new Probe(key(host, new Connect(TIMEOUT)), interval))
                .toList();
    }

    private static Function<CheckSpec, HealthChecker> always(HealthChecker checker) {
        return spec -> checker;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(5);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test
    void deliversResultsOfEveryKeyAgainAndAgain() throws InterruptedException {
        ConcurrentHashMap<ProbeKey, AtomicInteger> seen = new ConcurrentHashMap<>();
        HealthChecker checker = (target, timeout) -> OK;
        try (CheckRunner runner = new CheckRunner(
                always(checker),
                (key, result, started, duration) ->
                        seen.computeIfAbsent(key, _ -> new AtomicInteger()).incrementAndGet())) {
            runner.update(probes(50, Duration.ofMillis(20)));
            await(() -> seen.size() == 50 && seen.values().stream().allMatch(count -> count.get() >= 5));
            assertThat(runner.snapshot().keys()).isEqualTo(50);
            assertThat(runner.snapshot().lateness().count()).isGreaterThanOrEqualTo(250);
        }
    }

    @Test
    void doesNotLetHangingProbesDelayOthers() throws InterruptedException {
        HealthChecker checker = (target, timeout) -> {
            if (target.address().ipv4() % 2 == 0) {
                sleepFor(Duration.ofSeconds(60));
            }
            return OK;
        };
        AtomicInteger passed = new AtomicInteger();
        AtomicInteger timedOut = new AtomicInteger();
        // beside it, at the same time on the same machine, the same without a probe that hangs
        CheckRunner control = new CheckRunner(always((target, timeout) -> OK), (key, result, started, duration) -> {});
        CheckRunner runner = new CheckRunner(always(checker), (key, result, started, duration) -> {
            if (result.passed()) {
                passed.incrementAndGet();
            } else if (result instanceof Failed(Reason reason, String _) && reason == Reason.TIMED_OUT) {
                timedOut.incrementAndGet();
            }
        });
        try (control;
                runner) {
            control.update(probes(200, Duration.ofMillis(100)));
            runner.update(probes(200, Duration.ofMillis(100)));
            await(() -> passed.get() >= 800 && timedOut.get() >= 100);
            RunnerSnapshot snapshot = runner.snapshot();
            assertThat(snapshot.expired()).isGreaterThanOrEqualTo(100);
            // a runner that waited for a probe would be late by its timeout, and by that of each further one
            assertThat(snapshot.lateness().percentileNanos(99))
                    .isLessThan(2 * control.snapshot().lateness().percentileNanos(99) + TIMEOUT.toNanos() / 2);
            await(() -> runner.snapshot().ignoringCancellation() == 0);
        }
    }

    @Test
    void goesOnWithoutAProbeThatIgnoresItsCancellation() throws InterruptedException {
        Semaphore release = new Semaphore(0);
        HealthChecker stubborn = (target, timeout) -> {
            release.acquireUninterruptibly();
            return OK;
        };
        try (CheckRunner runner =
                new CheckRunner(always(stubborn), (key, result, started, duration) -> results.add(result))) {
            runner.update(probes(1, Duration.ofMillis(50)));
            await(() -> results.size() >= 4);
            Thread.sleep(400);
            assertThat(runner.snapshot().ignoringCancellation()).isEqualTo(4);
            assertThat(results).hasSize(4).allMatch(result -> !result.passed());
            release.release(1_000_000);
            await(() -> results.stream().anyMatch(CheckResult::passed));
        }
    }

    @Test
    void keepsTheLimitOfProbesInFlightAndMeasuresTheWait() throws InterruptedException {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger peak = new AtomicInteger();
        HealthChecker slow = (target, timeout) -> {
            peak.accumulateAndGet(running.incrementAndGet(), Math::max);
            sleepFor(Duration.ofMillis(20));
            running.decrementAndGet();
            return OK;
        };
        try (CheckRunner runner =
                new CheckRunner(always(slow), (key, result, started, duration) -> results.add(result), 5)) {
            runner.update(probes(50, Duration.ofSeconds(5)));
            await(() -> results.size() >= 50);
            assertThat(peak.get()).isLessThanOrEqualTo(5);
            assertThat(results).allMatch(CheckResult::passed);
            assertThat(runner.snapshot().lateness().maxNanos())
                    .isGreaterThan(Duration.ofMillis(100).toNanos());
        }
    }

    @Test
    void endsEverythingOnClose() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(20);
        AtomicInteger interrupted = new AtomicInteger();
        CheckRunner runner = new CheckRunner(
                always((target, timeout) -> {
                    begun.countDown();
                    if (sleepFor(Duration.ofSeconds(60))) {
                        interrupted.incrementAndGet();
                    }
                    return OK;
                }),
                (key, result, started, duration) -> results.add(result));
        runner.update(IntStream.range(0, 20)
                .mapToObj(host -> new Probe(key(host, new Connect(Duration.ofSeconds(60))), Duration.ofSeconds(1)))
                .toList());
        assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();
        runner.close();
        assertThat(interrupted.get()).isEqualTo(20);
        assertThat(results).isEmpty();
    }

    @Test
    void playsCombinedChecksAsLdirectordDoes() throws InterruptedException {
        List<String> kinds = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger connects = new AtomicInteger();
        Function<CheckSpec, HealthChecker> checkers = spec -> (target, timeout) -> {
            if (spec instanceof Negotiate) {
                kinds.add("negotiate");
                return kinds.size() <= 2 ? new Failed(Reason.REFUSED, "not yet") : OK;
            }
            kinds.add("connect");
            return connects.incrementAndGet() == 3 ? new Failed(Reason.REFUSED, "gone") : OK;
        };
        Combined combined =
                new Combined(new Negotiate(Exchange.of(Service.HTTP, "/"), TIMEOUT), new Connect(TIMEOUT), 2);
        try (CheckRunner runner = new CheckRunner(checkers, (key, result, started, duration) -> results.add(result))) {
            runner.update(List.of(new Probe(key(0, combined), Duration.ofMillis(10))));
            await(() -> results.size() >= 11);
        }
        assertThat(kinds.subList(0, 11))
                .containsExactly(
                        "negotiate",
                        "negotiate",
                        "negotiate", // fails, fails, passes
                        "connect",
                        "connect", // both pass
                        "negotiate",
                        "connect", // the connect fails
                        "negotiate",
                        "connect",
                        "connect",
                        "negotiate");
    }

    @Test
    void survivesACheckerThatThrowsAndAListenerThatThrows() throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        try (CheckRunner runner = new CheckRunner(
                always((target, timeout) -> {
                    throw new IllegalStateException("deliberately");
                }),
                (key, result, started, duration) -> {
                    results.add(result);
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalStateException("deliberately");
                    }
                })) {
            runner.update(probes(1, Duration.ofMillis(20)));
            await(() -> results.size() >= 3);
        }
        assertThat(results.getFirst()).isInstanceOf(Failed.class);
    }

    /** Whether it was interrupted. */
    private static boolean sleepFor(Duration duration) {
        try {
            Thread.sleep(duration);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }
}
