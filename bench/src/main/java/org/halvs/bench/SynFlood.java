package org.halvs.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Locale;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.Setting;
import org.halvs.ipvs.forward.Verdict;
import org.halvs.ipvs.packet.Tcp;

/**
 * A flood of requests from ten million spoofed addresses against a table for a million connections, at 200 000 a second of the director's clock,
 * with the kernel's automatic defences on. A thousand established connections send a packet each every second, and each must get through.
 */
public final class SynFlood {
    private static final int ADDRESSES = 10_000_000;
    private static final int MAX_CONNECTIONS = 1 << 20;
    private static final int ESTABLISHED = 1000;
    private static final int PER_SECOND = 200_000;
    private static final long BATCH_NANOS = 1_000_000_000L / PER_SECOND * FrameRing.BATCH;

    /** Time passes for the table every 5 ms, as in the forwarding worker. */
    private static final int EXPIRE_EVERY = (int) (5_000_000L / BATCH_NANOS);

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final FrameRing ring = new FrameRing();
    private final LastFrame sink = new LastFrame();
    private final Verdict[] verdicts = new Verdict[FrameRing.BATCH];
    private final IpvsProcessor processor = Director.processor(SchedulerKind.WLC, MAX_CONNECTIONS);
    private final FrameRing.Template syn = new FrameRing.Template(Path.NAT, Tcp.SYN, new long[0]);
    private final FrameRing.Template ack = new FrameRing.Template(Path.NAT, Tcp.ACK, new long[0]);
    private long nowNanos;

    private SynFlood() {
        Arrays.fill(verdicts, Verdict.Accepted.LOCAL);
        IpvsSettings defended = IpvsSettings.DEFAULT
                .with(Setting.DROP_ENTRY, 1)
                .with(Setting.DROP_PACKET, 1)
                .with(Setting.SECURE_TCP, 1);
        processor.settings(defended);
    }

    /** Runs the flood and prints what came of it; fails with {@link IllegalStateException} when a connection suffered. */
    public static void main(String[] arguments) throws IOException {
        new SynFlood().run();
    }

    private void run() throws IOException {
        establish();
        long memoryBefore = residentKiB();
        long longestNanos = 0;
        long longestWorkNanos = 0;
        long began = System.nanoTime();
        long kept = 0;
        int nextSecond = 1;
        for (int sent = 0; sent < ADDRESSES; sent += FrameRing.BATCH) {
            for (int i = 0; i < FrameRing.BATCH; i++) {
                // an odd factor: every address comes once; 64.0.0.0 and above are none of ours
                ring.fill(i, syn, 0x40000000L + ((sent + i) * 0x9e3779b1L & 0x1fffffff), sent >>> 5 & 0xffff);
            }
            nowNanos += BATCH_NANOS;
            long start = System.nanoTime();
            long workStart = threads.getCurrentThreadCpuTime();
            processor.process(ring.buffers(), FrameRing.BATCH, verdicts, nowNanos, sink);
            if (sent / FrameRing.BATCH % EXPIRE_EVERY == 0) {
                processor.expire(nowNanos, sink);
            }
            longestNanos = Math.max(longestNanos, System.nanoTime() - start);
            longestWorkNanos = Math.max(longestWorkNanos, threads.getCurrentThreadCpuTime() - workStart);
            if (sent >= nextSecond * PER_SECOND) {
                nextSecond++;
                kept += packetOfEach();
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        print(seconds, kept, longestNanos, longestWorkNanos, residentKiB() - memoryBefore);
    }

    private void print(double seconds, long kept, long longestNanos, long longestWorkNanos, long grownKiB) {
        int connections = processor.stats().services().stream()
                .flatMap(service -> service.servers().stream())
                .mapToInt(server -> server.active() + server.inactive())
                .sum();
        System.out.printf(
                Locale.ROOT,
                "flood: %,d spoofed SYNs in %.1f s, %.0f ns each%n",
                ADDRESSES,
                seconds,
                seconds * 1e9 / ADDRESSES);
        System.out.printf(
                Locale.ROOT,
                "flood: %,d of at most %,d entries at the end, %,d MiB resident more (%d bytes an entry of the limit)%n",
                connections,
                MAX_CONNECTIONS,
                grownKiB / 1024,
                grownKiB * 1024 / MAX_CONNECTIONS);
        System.out.printf(
                Locale.ROOT,
                "flood: %,d packets of %,d established connections, all forwarded; longest batch %.1f ms, %.1f ms of processor time%n",
                kept,
                ESTABLISHED,
                longestNanos / 1e6,
                longestWorkNanos / 1e6);
        processor
                .stats()
                .drops()
                .forEach(drop ->
                        System.out.printf(Locale.ROOT, "flood: dropped %-12s %,12d%n", drop.reason(), drop.packets()));
    }

    private void establish() {
        for (int flow = 0; flow < ESTABLISHED; flow++) {
            send(syn, flow);
        }
        packetOfEach();
    }

    /** A packet of every established connection; each has to leave for a server. */
    private long packetOfEach() {
        for (int flow = 0; flow < ESTABLISHED; flow++) {
            send(ack, flow);
        }
        return ESTABLISHED;
    }

    private void send(FrameRing.Template template, int flow) {
        ring.fill(0, template, flow);
        long before = sink.frames;
        Verdict verdict = processor.process(ring.buffers()[0], nowNanos, sink);
        if (verdict != Verdict.Accepted.FORWARDED || sink.frames != before + 1) {
            throw new IllegalStateException("a packet of connection " + flow + " did not get through: " + verdict);
        }
    }

    private static long residentKiB() throws IOException {
        return Files.readAllLines(java.nio.file.Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }
}
