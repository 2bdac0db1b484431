package org.halvs.ha.runtime;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.halvs.ldirectord.LdirectordOptions;
import org.halvs.ldirectord.daemon.DaemonOutput;

/** An ldirectord log that is written by a thread of its own: the control thread waits for no disk. */
final class QueuedOutput implements DaemonOutput, AutoCloseable {
    /** More lines than this waiting mean that the disk does not take them; further ones are only in the daemon's own log. */
    private static final int MOST_WAITING = 10_000;

    private static final long PATIENCE_SECONDS = 5;

    private final DaemonOutput output;
    private final ThreadPoolExecutor writer;

    /** @param output called from this log's thread only */
    QueuedOutput(DaemonOutput output) {
        this.output = output;
        this.writer = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MOST_WAITING),
                Thread.ofPlatform().daemon().name("ldirectord-log").factory(),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public void log(String message) {
        writer.execute(() -> output.log(message));
    }

    @Override
    public void debug(String message) {
        // the events of the daemon have the reasons
    }

    @Override
    public void follow(LdirectordOptions options) {
        writer.execute(() -> output.follow(options));
    }

    @Override
    public void close() {
        writer.shutdown();
        try {
            boolean _ = writer.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
