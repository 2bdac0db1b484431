package org.halvs.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The packets of {@link PacketBenchmark}'s NAT path while another director is told of their connections: each fiftieth packet writes a record. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FrameRing.BATCH)
public class SyncBenchmark {
    @Param({"4000", "1000000"})
    public int flows = 4000;

    private Traffic traffic = new Traffic(Path.NAT, 1);

    @Setup
    public void open() {
        traffic = new Traffic(Path.NAT, flows);
        traffic.processor.sync().send(true);
    }

    /** Nobody takes the records: the oldest are given up, which costs the worker more than handing them over. */
    @Benchmark
    public long batch() {
        traffic.fill();
        traffic.forward();
        return traffic.sink.frames;
    }
}
