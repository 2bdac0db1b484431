package org.halvs.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.forward.Verdict;
import org.halvs.ipvs.packet.Tcp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Requests of clients not seen before: looked up in vain, scheduled on one of eight servers, entered, translated and sent, in batches of 32.
 * Connections expire as fast as they come once there are 100 000, so a figure holds the end of a connection too.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FrameRing.BATCH)
public class NewConnectionBenchmark {
    private static final int STANDING = 100_000;
    private static final long SYN_RECV_NANOS = 60_000_000_000L;
    private static final long BATCH_NANOS = SYN_RECV_NANOS / STANDING * FrameRing.BATCH;
    /** Time passes for the table about ten times a second of its clock. */
    private static final int EXPIRE_EVERY = (int) (100_000_000L / BATCH_NANOS) + 1;

    @Param({"RR", "WRR", "WLC", "SH", "MH", "LBLC", "LBLCR"})
    public SchedulerKind scheduler = SchedulerKind.WLC;

    private final FrameRing ring = new FrameRing();
    private final LastFrame sink = new LastFrame();
    private final Verdict[] verdicts = new Verdict[FrameRing.BATCH];
    private final FrameRing.Template syn = new FrameRing.Template(Path.NAT, Tcp.SYN, new long[0]);
    private IpvsProcessor processor = Director.processor(SchedulerKind.WLC, 1);
    private long random = 1;
    private long nowNanos;
    private int batches;

    @Setup(Level.Trial)
    public void open() {
        Arrays.fill(verdicts, Verdict.Accepted.LOCAL);
        processor = Director.processor(scheduler, 4 * STANDING);
        nowNanos = 0;
        for (int i = 0; i < 2 * STANDING / FrameRing.BATCH; i++) {
            batch();
        }
    }

    @Benchmark
    public long batch() {
        for (int i = 0; i < FrameRing.BATCH; i++) {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            // 11.0.0.0 and above: none of the director's own addresses
            ring.fill(i, syn, 0x0b000000L + (random >>> 33), (int) (random & 0xffff));
        }
        nowNanos += BATCH_NANOS;
        processor.process(ring.buffers(), FrameRing.BATCH, verdicts, nowNanos, sink);
        if (++batches % EXPIRE_EVERY == 0) {
            processor.expire(nowNanos, sink);
        }
        return sink.frames;
    }
}
