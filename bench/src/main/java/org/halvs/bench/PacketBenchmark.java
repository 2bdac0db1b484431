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

/** Packets of established connections, of random ones of so many, in batches of 32. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FrameRing.BATCH)
public class PacketBenchmark {
    @Param
    public Path path = Path.NAT;

    @Param({"4000", "1000000"})
    public int flows = 4000;

    private Traffic traffic = new Traffic(Path.NAT, 1);

    @Setup
    public void open() {
        traffic = new Traffic(path, flows);
    }

    @Benchmark
    public long batch() {
        traffic.fill();
        traffic.forward();
        return traffic.sink.frames;
    }
}
