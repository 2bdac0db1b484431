package org.halvs.ha.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ControlLoopTest {
    private final CountDownLatch broken = new CountDownLatch(1);
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

    @Test
    void runsUrgentTasksAheadOfResults() throws InterruptedException {
        try (ControlLoop loop = ControlLoop.start(broken::countDown)) {
            CountDownLatch begin = new CountDownLatch(1);
            CountDownLatch end = new CountDownLatch(5);
            loop.enqueue(() -> awaitQuietly(begin));
            loop.enqueueResult(note("result 1", end));
            loop.enqueue(note("view", end));
            loop.enqueueResult(note("result 2", end));
            loop.enqueue(note("command", end));
            loop.schedule(0, note("timer", end));
            begin.countDown();
            assertThat(end.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(ran).containsExactly("view", "command", "timer", "result 1", "result 2");
        }
    }

    @Test
    void runsTimersInTheOrderOfTheirTimes() throws InterruptedException {
        try (ControlLoop loop = ControlLoop.start(broken::countDown)) {
            CountDownLatch end = new CountDownLatch(3);
            loop.schedule(60, note("third", end));
            loop.schedule(20, note("first", end));
            loop.schedule(40, note("second", end));
            assertThat(end.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(ran).containsExactly("first", "second", "third");
        }
    }

    @Test
    void saysWhenATaskBreaksAndGoesOn() throws Exception {
        try (ControlLoop loop = ControlLoop.start(broken::countDown)) {
            loop.enqueue(() -> {
                throw new IllegalStateException("broken on purpose");
            });
            assertThat(broken.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(loop.ask(() -> "still here").get(5, TimeUnit.SECONDS)).isEqualTo("still here");
        }
    }

    @Test
    void dropsTheOldestResultsWhenNobodyHasTime() throws InterruptedException {
        try (ControlLoop loop = ControlLoop.start(broken::countDown)) {
            CountDownLatch begin = new CountDownLatch(1);
            loop.enqueue(() -> awaitQuietly(begin));
            CountDownLatch end = new CountDownLatch(1);
            for (int i = 0; i < 65_546; i++) {
                loop.enqueueResult(() -> {});
            }
            loop.enqueueResult(note("last", end));
            assertThat(loop.droppedResults()).isBetween(10L, 12L);
            begin.countDown();
            assertThat(end.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Runnable note(String name, CountDownLatch end) {
        return () -> {
            ran.add(name);
            end.countDown();
        };
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
