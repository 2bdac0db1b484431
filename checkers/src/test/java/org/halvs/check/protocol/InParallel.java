package org.halvs.check.protocol;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many rounds of a test at once, each on a virtual thread. */
final class InParallel {
    private InParallel() {}

    /** Something to do for one number. */
    @FunctionalInterface
    interface Round {
        void run(int number) throws IOException;
    }

    /** Runs the rounds 0 to {@code count} - 1, and fails as the first of them that fails. */
    static void run(int count, Round round) throws InterruptedException, ExecutionException {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                all.add(executor.submit(() -> {
                    round.run(number);
                    return number;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }
}
