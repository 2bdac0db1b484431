package org.halvs.bench;

import java.util.concurrent.TimeUnit;
import org.halvs.ipvs.SchedulerKind;
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

/** New connections in batches of 32: making them by itself, and their whole life of one packet, its end and filling the frame included. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(FrameRing.BATCH)
public class NewConnectionBenchmark {

    /** Traffic of which a batch lies ready, with room in the table for its connections. */
    @State(Scope.Thread)
    public static class Ready {
        @Param({"RR", "WRR", "WLC", "SH", "MH", "LBLC", "LBLCR"})
        public SchedulerKind scheduler = SchedulerKind.WLC;

        private NewTraffic traffic = new NewTraffic(SchedulerKind.WLC);

        @Setup(Level.Trial)
        public void open() {
            traffic = new NewTraffic(scheduler);
        }

        // A batch takes long enough that reading the clock before and after it does not count.
        @Setup(Level.Invocation)
        public void prepare() {
            traffic.expire();
            traffic.fill();
        }
    }

    @State(Scope.Thread)
    public static class Running {
        @Param({"WLC"})
        public SchedulerKind scheduler = SchedulerKind.WLC;

        private NewTraffic traffic = new NewTraffic(SchedulerKind.WLC);

        @Setup(Level.Trial)
        public void open() {
            traffic = new NewTraffic(scheduler);
        }
    }

    @Benchmark
    public long schedule(Ready state) {
        state.traffic.forward();
        return state.traffic.sink.frames;
    }

    @Benchmark
    public long life(Running state) {
        state.traffic.fill();
        state.traffic.forward();
        state.traffic.expire();
        return state.traffic.sink.frames;
    }
}
