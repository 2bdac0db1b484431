package org.halvs.check.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.ProbeKey;
import org.halvs.check.Service;
import org.halvs.check.protocol.HealthCheckers;
import org.halvs.check.runner.CheckRunner;
import org.halvs.check.runner.Probe;
import org.halvs.check.testing.LoopbackServers;
import org.halvs.linux.MemoryIcmpEcho;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Good servers among the worst there are, each checked in earnest: what a hostile one does delays nobody else. The lateness is compared with that
 * of a runner that checks the good ones alone at the same time, so that a slow machine is slow for both.
 */
class HostileNeighboursTest {
    private static final Duration INTERVAL = Duration.ofMillis(200);
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final int GOOD = 20;
    private static final int EACH = 5;

    private final LoopbackServers servers = new LoopbackServers();

    @AfterEach
    void close() throws IOException {
        servers.close();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void endless(OutputStream out, byte[] piece, long pauseMicros)
            throws IOException, InterruptedException {
        while (true) {
            out.write(piece);
            Thread.sleep(Duration.ofNanos(pauseMicros * 1000));
        }
    }

    private static CheckSpec http(Service service, String receive) {
        return new CheckSpec.Negotiate(Exchange.of(service, "/").expecting(receive), TIMEOUT);
    }

    private static void add(List<Probe> probes, CheckTarget target, CheckSpec spec, int count) {
        for (int i = 0; i < count; i++) {
            // an answer of its own for each, so that they are not one probe
            CheckSpec own = spec instanceof CheckSpec.Negotiate(Exchange exchange, Duration timeout)
                    ? new CheckSpec.Negotiate(
                            new Exchange(
                                    exchange.service(),
                                    exchange.datagram(),
                                    "/" + i,
                                    exchange.receive(),
                                    "GET",
                                    "",
                                    "u",
                                    "p",
                                    "",
                                    ""),
                            timeout)
                    : spec;
            probes.add(new Probe(new ProbeKey(target, own), INTERVAL));
        }
    }

    private List<Probe> hostile() throws IOException {
        List<Probe> probes = new ArrayList<>();
        String ok = "HTTP/1.1 200 OK\r\n";
        CheckTarget endlessBody = servers.serve((in, out) -> {
            out.write(text(ok + "\r\n"));
            endless(out, new byte[16_384], 200);
        });
        add(probes, endlessBody, http(Service.HTTP, "x"), EACH);
        add(probes, servers.serve((in, out) -> endless(out, text("x"), 1_000_000)), http(Service.HTTP, ""), EACH);
        CheckTarget hugeHeader = servers.serve((in, out) -> {
            out.write(text(ok));
            endless(out, text("X-Field: " + "y".repeat(8000) + "\r\n"), 200);
        });
        add(probes, hugeHeader, http(Service.HTTP, ""), EACH);
        add(
                probes,
                servers.serve((in, out) -> endless(out, text("garbage\0\r\n"), 200)),
                http(Service.HTTPS, ""),
                EACH);
        CheckTarget backtracking = servers.serve((in, out) -> {
            out.write(text(ok + "\r\n" + "a".repeat(5000) + "b"));
        });
        add(probes, backtracking, http(Service.HTTP, "^(a+)+$"), EACH);
        CheckTarget silent = servers.serve((in, out) -> Thread.sleep(60_000));
        CheckTarget noise = servers.serve((in, out) -> endless(out, text("* \377\0+220-0\177\r\n"), 500));
        for (Service service : Service.values()) {
            if (service != Service.NONE) {
                add(probes, silent, http(service, "x"), 1);
                add(probes, noise, http(service, "x"), 1);
            }
        }
        return probes;
    }

    private List<Probe> good() throws IOException {
        CheckTarget target = servers.serve((in, out) -> {
            byte[] request = new byte[1024];
            if (in.read(request) > 0) {
                out.write(text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nTest Page"));
            }
        });
        List<Probe> probes = new ArrayList<>();
        add(probes, target, http(Service.HTTP, "Test Page"), GOOD);
        return probes;
    }

    /** The good probes of a runner: how often each passed, and the greatest time between two starts of one. */
    private static final class Seen {
        final Map<ProbeKey, AtomicInteger> passed = new ConcurrentHashMap<>();
        final Map<ProbeKey, Long> lastStart = new ConcurrentHashMap<>();
        final List<Long> lateNanos = Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger failed = new AtomicInteger();

        /** Takes in a result of a check that started after that. */
        void hear(ProbeKey key, CheckResult result, long startedNanos, long afterNanos) {
            if (startedNanos - afterNanos < 0) {
                return;
            }
            if (result.passed()) {
                passed.computeIfAbsent(key, _ -> new AtomicInteger()).incrementAndGet();
            } else {
                failed.incrementAndGet();
            }
            Long before = lastStart.put(key, startedNanos);
            if (before != null) {
                lateNanos.add(Math.max(0, startedNanos - before - INTERVAL.toNanos()));
            }
        }

        boolean each(int times) {
            return passed.size() == GOOD && passed.values().stream().allMatch(count -> count.get() >= times);
        }

        long percentile(int percent) {
            List<Long> sorted = new ArrayList<>(lateNanos);
            sorted.sort(null);
            return sorted.get(sorted.size() * percent / 100);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    @Test
    void noOutcomeDelaysAnotherCheck() throws Exception {
        List<Probe> all = new ArrayList<>(hostile());
        List<Probe> good = good();
        all.addAll(good);
        Seen beside = new Seen();
        Seen alone = new Seen();
        AtomicInteger hostileResults = new AtomicInteger();
        Set<ProbeKey> met = ConcurrentHashMap.newKeySet();
        Set<ProbeKey> metAlone = ConcurrentHashMap.newKeySet();
        AtomicLong warmNanos = new AtomicLong(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
        Set<String> fooled = ConcurrentHashMap.newKeySet();
        HealthCheckers checkers = new HealthCheckers(new MemoryIcmpEcho());
        CheckTarget goodTarget = good.getFirst().key().target();
        try (CheckRunner control = new CheckRunner(checkers::of, (key, result, started, _) -> {
                    metAlone.add(key);
                    alone.hear(key, result, started, warmNanos.get());
                });
                CheckRunner runner = new CheckRunner(checkers::of, (key, result, started, _) -> {
                    met.add(key);
                    if (key.target().equals(goodTarget)) {
                        beside.hear(key, result, started, warmNanos.get());
                    } else {
                        if (result.passed()) {
                            fooled.add(key + " " + result.detail());
                        }
                        hostileResults.incrementAndGet();
                    }
                })) {
            control.update(good);
            runner.update(all);
            // the very first checks load and compile what they need, for which a busy machine takes longer than TIMEOUT
            await(() -> met.size() == all.size() && metAlone.size() == good.size());
            hostileResults.set(0);
            warmNanos.set(System.nanoTime());
            await(() -> beside.each(25) && alone.each(25));
            assertThat(runner.snapshot().ignoringCancellation()).isLessThanOrEqualTo(all.size());
        }
        assertThat(hostileResults.get()).isGreaterThan(all.size());
        assertThat(fooled).isEmpty();
        assertThat(beside.failed.get()).isEqualTo(alone.failed.get());
        // one check that waited for a hostile one would be late by a second, the timeout
        assertThat(beside.percentile(95)).isLessThan(2 * alone.percentile(95) + TIMEOUT.toNanos() / 4);
    }
}
