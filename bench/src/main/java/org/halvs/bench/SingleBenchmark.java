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

/** As {@link PacketBenchmark} for requests to masqueraded servers, but one packet after the other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FrameRing.BATCH)
public class SingleBenchmark {
    @Param({"4000", "1000000"})
    public int flows = 4000;

    private Traffic traffic = new Traffic(Path.NAT, 1);

    @Setup
    public void open() {
        traffic = new Traffic(Path.NAT, flows);
    }

    @Benchmark
    public long single() {
        traffic.fill();
        traffic.forwardSingly();
        return traffic.sink.frames;
    }
}
