package org.halvs.ha.runtime;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Has the resources of held groups asked regularly how they are. */
final class ResourceChecks implements AutoCloseable {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("resource-timer").factory());

    /**
     * @param interval more than zero; empty for never
     */
    ResourceChecks(GroupRunner runner, ResourceFindings findings, Optional<Duration> interval) {
        interval.ifPresent(time -> {
            var _ = timer.scheduleWithFixedDelay(
                    () -> runner.groups().forEach(group -> runner.check(group, findings)),
                    time.toMillis(),
                    time.toMillis(),
                    TimeUnit.MILLISECONDS);
        });
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
