package org.halvs.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the benchmarks, then the flood, and prints what they say side by side. Arguments choose benchmarks by regular expression. */
public final class Benchmarks {
    private static final String FEW = "4000";
    private static final String MANY = "1000000";

    /** One figure: nanoseconds and bytes allocated an operation. */
    private record Figure(double nanos, double bytes) {
        static final Figure NONE = new Figure(Double.NaN, Double.NaN);
    }

    private final Map<String, Figure> figures = new LinkedHashMap<>();

    private Benchmarks() {}

    public static void main(String[] arguments) throws RunnerException, IOException {
        OptionsBuilder options = new OptionsBuilder();
        options.forks(1)
                .warmupIterations(2)
                .measurementIterations(5)
                .warmupTime(TimeValue.milliseconds(800))
                .measurementTime(TimeValue.milliseconds(300))
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend(
                        "-XX:+UseSerialGC",
                        "-XX:MaxInlineLevel=25", // as packaging/bin/halvs has it
                        "-Xmx512m",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED");
        for (String include : arguments) {
            options.include(include);
        }
        if (arguments.length > 0) {
            options.include("FillBenchmark"); // taken off the others
        }
        Benchmarks benchmarks = new Benchmarks();
        for (RunResult result : new Runner(options.build(), new Progress()).run()) {
            benchmarks.add(result);
        }
        if (benchmarks.has("PacketBenchmark.batch")) {
            benchmarks.printPackets();
        }
        if (benchmarks.has("SingleBenchmark")) {
            benchmarks.printSingles();
        }
        if (benchmarks.has("NewConnectionBenchmark")) {
            benchmarks.printConnections();
        }
        if (benchmarks.has("TableBenchmark")) {
            benchmarks.printTables();
        }
        if (arguments.length == 0) {
            SynFlood.main(arguments);
        }
    }

    private void add(RunResult result) {
        BenchmarkParams params = result.getParams();
        String name = params.getBenchmark()
                .substring(params.getBenchmark()
                                .lastIndexOf('.', params.getBenchmark().lastIndexOf('.') - 1)
                        + 1);
        List<String> words = new ArrayList<>(List.of(name));
        new TreeMap<String, String>(parameters(params)).values().forEach(words::add);
        Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
        double allocated = bytes == null ? Double.NaN : bytes.getScore();
        // the fastest iteration: others of a shared machine are slower by what else ran
        double nanos = result.getPrimaryResult().getStatistics().getMin();
        figures.put(String.join(" ", words), new Figure(nanos, allocated));
    }

    private static Map<String, String> parameters(BenchmarkParams params) {
        Map<String, String> found = new LinkedHashMap<>();
        params.getParamsKeys().forEach(key -> found.put(key, params.getParam(key)));
        return found;
    }

    private boolean has(String benchmark) {
        return figures.keySet().stream().anyMatch(name -> name.startsWith(benchmark));
    }

    private Figure figure(String... words) {
        return figures.getOrDefault(String.join(" ", words), Figure.NONE);
    }

    private void printPackets() {
        print("%nPackets of established connections: ns each in batches of 32, filling the frame taken off%n");
        print(
                "%-20s %9s %9s %7s %12s %12s %10s%n",
                "path", "4000", "1000000", "1M/4k", "NAT=1 at 4k", "NAT=1 at 1M", "B/packet");
        double few = nanos(Path.NAT, FEW);
        double many = nanos(Path.NAT, MANY);
        for (Path path : Path.values()) {
            double here = nanos(path, FEW);
            double there = nanos(path, MANY);
            print(
                    "%-20s %9.0f %9.0f %7.2f %12.2f %12.2f %10.2f%n",
                    path,
                    here,
                    there,
                    there / here,
                    here / few,
                    there / many,
                    figure("PacketBenchmark.batch", MANY, path.name()).bytes);
        }
        print("Bars for NAT: 60 ns at 4000, 200 ns at 1000000, 0 bytes.%n");
    }

    private void printSingles() {
        for (String flows : List.of(FEW, MANY)) {
            double single = figure("SingleBenchmark.single", flows).nanos - fill(Path.NAT);
            print("NAT one by one at %s: %.0f ns, %.2f of a batch%n", flows, single, single / nanos(Path.NAT, flows));
        }
    }

    private double nanos(Path path, String flows) {
        return figure("PacketBenchmark.batch", flows, path.name()).nanos - fill(path);
    }

    private double fill(Path path) {
        return figure("FillBenchmark.fill", path.name()).nanos;
    }

    private void printConnections() {
        print(
                "%nNew connections: ns each in batches of 32 for looking up in vain, scheduling, entering, translating, sending%n");
        print("%-20s %9s %10s%n", "scheduler", "ns", "B/packet");
        figures.forEach((name, figure) -> {
            if (name.startsWith("NewConnectionBenchmark.schedule")) {
                print("%-20s %9.0f %10.2f%n", name.substring(name.lastIndexOf(' ') + 1), figure.nanos, figure.bytes);
            }
        });
        Figure life = figure("NewConnectionBenchmark.life", "WLC");
        print("%-20s %9.0f %10.2f%n", "WLC, whole life", life.nanos - fill(Path.NAT), life.bytes);
        print("Bar: 600 ns. The whole life is that of a connection of one packet, with its end.%n");
    }

    private void printTables() {
        print("%nThe connection table and a HashMap of records: look-up and timer, ns in batches of 32%n");
        print("%-20s %9s %9s %10s %10s%n", "connections", "table", "HashMap", "HashMap=1", "B/look-up");
        for (String flows : List.of(FEW, MANY)) {
            Figure table = figure("TableBenchmark.table", flows);
            Figure map = figure("TableBenchmark.hashMap", flows);
            print(
                    "%-20s %9.0f %9.0f %10.2f %4.0f : %-4.0f%n",
                    flows, table.nanos, map.nanos, table.nanos / map.nanos, table.bytes, map.bytes);
        }
        print("%n");
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }
}
