package org.halvs.bench;

import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Says on standard error which benchmark runs and what it came to, so that nobody looks at a still screen for minutes. */
final class Progress implements OutputFormat {
    private int finished;

    @Override
    public void startBenchmark(BenchmarkParams params) {
        StringBuilder name = new StringBuilder(params.getBenchmark()
                .substring(params.getBenchmark()
                                .lastIndexOf('.', params.getBenchmark().lastIndexOf('.') - 1)
                        + 1));
        for (String key : params.getParamsKeys()) {
            name.append(' ').append(params.getParam(key));
        }
        System.err.printf(Locale.ROOT, "%2d %-50s", ++finished, name);
        System.err.flush();
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        if (result != null) {
            System.err.printf(
                    Locale.ROOT,
                    "%8.1f ns%n",
                    result.getPrimaryResult().getStatistics().getMin());
        }
    }

    // What a failed benchmark says comes by these two.

    @Override
    public void println(String s) {
        if (s.contains("Exception") || s.contains("Error") || s.startsWith("\tat ")) {
            System.err.println(s);
        }
    }

    @Override
    public void verbosePrintln(String s) {}

    @Override
    public void iteration(BenchmarkParams benchmark, IterationParams params, int iteration) {}

    @Override
    public void iterationResult(
            BenchmarkParams benchmark, IterationParams params, int iteration, IterationResult data) {}

    @Override
    public void startRun() {}

    @Override
    public void endRun(Collection<RunResult> result) {}

    @Override
    public void print(String s) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public void write(int b) {}

    @Override
    public void write(byte[] b) {}
}
