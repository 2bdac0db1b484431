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

/** What filling the frames costs, which is part of the figures of {@link PacketBenchmark}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FrameRing.BATCH)
public class FillBenchmark {
    @Param
    public Path path = Path.NAT;

    private Traffic traffic = new Traffic(Path.NAT, 1);

    @Setup
    public void open() {
        traffic = new Traffic(path, 1000);
    }

    @Benchmark
    public FrameRing fill() {
        traffic.fill();
        return traffic.ring;
    }
}
