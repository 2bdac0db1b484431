package org.halvs.ha.runtime;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.halvs.ha.event.EventFiles;
import org.halvs.ha.event.EventRecord;

/**
 * Writes events to disk on the thread {@code event-writer}, so that no disk ever holds the control thread up. When the disk is slower than the
 * events the newest are not kept there; their number is logged when it is over.
 */
final class EventWriter implements AutoCloseable {
    private static final int MOST_WAITING = 10_000;
    private static final long LAST_WORDS_MILLIS = 2000;
    private static final Logger LOG = System.getLogger("halvs");

    private final EventFiles files;
    /** An empty one only wakes the thread. */
    private final BlockingQueue<Optional<EventRecord>> waiting = new LinkedBlockingQueue<>(MOST_WAITING);

    private final AtomicLong lost = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;

    EventWriter(EventFiles files) {
        this.files = files;
        thread = Thread.ofPlatform().name("event-writer").daemon().start(this::run);
    }

    /** Returns at once. May be called from any thread. */
    void write(EventRecord event) {
        if (!waiting.offer(Optional.of(event))) {
            lost.incrementAndGet();
        }
    }

    private void run() {
        boolean complained = false;
        try (files) {
            while (!closing || !waiting.isEmpty()) {
                Optional<EventRecord> event = waiting.take();
                if (event.isEmpty()) {
                    continue;
                }
                try {
                    files.append(event.get());
                    complained = false;
                } catch (IOException e) {
                    if (!complained) {
                        LOG.log(Level.WARNING, "events are not kept on disk: " + e);
                    }
                    complained = true;
                }
                long missing = waiting.isEmpty() ? lost.getAndSet(0) : 0;
                if (missing > 0) {
                    LOG.log(Level.WARNING, "{0} events were not kept on disk, which was too slow", missing);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "events: {0}", e);
        }
    }

    /** Waits a little for what is still to be written. */
    @Override
    public void close() {
        closing = true;
        boolean _ = waiting.offer(Optional.empty()); // a full queue wakes it as well
        try {
            thread.join(LAST_WORDS_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
