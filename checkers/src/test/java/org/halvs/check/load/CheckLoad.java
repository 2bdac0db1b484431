package org.halvs.check.load;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckSpec.Negotiate;
import org.halvs.check.CheckTarget;
import org.halvs.check.ProbeKey;
import org.halvs.check.Service;
import org.halvs.check.protocol.HealthCheckers;
import org.halvs.check.runner.CheckRunner;
import org.halvs.check.runner.LatenessSnapshot;
import org.halvs.check.runner.Probe;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MemoryIcmpEcho;

/**
 * Checks many HTTP servers once a second and prints how late the probes were and what they cost. Arguments: port of a web server on all loopback
 * addresses, port on which connects get no answer, number of servers, per cent of them on the second port, seconds to measure. The
 * servers stand in {@code src/test/native/check-load-server.c}.
 */
public final class CheckLoad {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration WARM_UP = Duration.ofSeconds(10);

    private CheckLoad() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        int port = Integer.parseInt(args[0]);
        int deadPort = Integer.parseInt(args[1]);
        int count = Integer.parseInt(args[2]);
        int deadPerCent = Integer.parseInt(args[3]);
        int seconds = Integer.parseInt(args[4]);
        PrintStream out = System.out;
        LongAdder passed = new LongAdder();
        LongAdder failed = new LongAdder();
        HealthCheckers checkers = new HealthCheckers(new MemoryIcmpEcho());
        try (CheckRunner runner = new CheckRunner(
                checkers::of, (key, result, started, duration) -> (result.passed() ? passed : failed).increment())) {
            runner.update(probes(port, deadPort, count, deadPerCent));
            Thread.sleep(WARM_UP);
            out.println(
                    "first " + WARM_UP.toSeconds() + " s: " + runner.snapshot().lateness());
            LatenessSnapshot before = runner.snapshot().lateness();
            long cpuBefore = cpuMillis();
            passed.reset();
            failed.reset();
            long begin = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(seconds));
            double elapsed = (System.nanoTime() - begin) / 1e9;
            double cpu = (cpuMillis() - cpuBefore) / 1e3;
            LatenessSnapshot lateness = runner.snapshot().lateness().since(before);
            out.printf(
                    "%d servers, %d %% dead, %.1f s: %.0f probes/s (%d passed, %d failed), late %s, cpu %.2f s"
                            + " = %.2f cores, %.3f s per 1000 probes, %s%n",
                    count,
                    deadPerCent,
                    elapsed,
                    lateness.count() / elapsed,
                    passed.sum(),
                    failed.sum(),
                    lateness,
                    cpu,
                    cpu / elapsed,
                    cpu * 1000 / lateness.count(),
                    memory());
            out.println(runner.snapshot());
        }
    }

    private static List<Probe> probes(int port, int deadPort, int count, int deadPerCent) {
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean dead = i % 100 < deadPerCent;
            CheckTarget target = new CheckTarget(IpAddress.ofIpv4(0x7f010001 + i), dead ? deadPort : port);
            Negotiate spec =
                    new Negotiate(Exchange.of(Service.HTTP, "/index.html").expecting("Test Page"), TIMEOUT);
            probes.add(new Probe(new ProbeKey(target, spec), INTERVAL));
        }
        return probes;
    }

    /** User and system time of this process (proc(5): fields 14 and 15 of stat, in ticks of 10 ms). */
    private static long cpuMillis() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10;
    }

    private static String memory() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
                .map(line -> line.replaceAll("\\s+", " "))
                .toList()
                .toString();
    }
}
