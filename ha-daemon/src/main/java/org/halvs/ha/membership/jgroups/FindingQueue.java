package org.halvs.ha.membership.jgroups;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.halvs.ha.membership.path.PathFinding;
import org.jspecify.annotations.Nullable;

/** Takes what the paths found off their thread: the thread {@code membership} works it off one after the other. Thread-safe. */
final class FindingQueue implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FindingQueue.class.getName());
    /** Messages beyond this are dropped, as a network does; what happened to the nodes never is. */
    private static final int MOST_MESSAGES = 4096;

    /** What is queued: a finding, or the wish to settle after a time. */
    private record Item(@Nullable PathFinding finding, long settleMillis) {}

    private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger messages = new AtomicInteger();
    private final Consumer<PathFinding> found;
    private final LongSupplier settle;
    private final Thread thread;
    private volatile boolean closed;
    private long settleMillis; // confined to the thread

    /**
     * @param settle called when a time asked for by {@link #settleSoon} is over; answers after how many milliseconds again, 0 for not at all
     * @param urgency makes the thread it is called by run when it has to
     */
    FindingQueue(Consumer<PathFinding> found, LongSupplier settle, Runnable urgency) {
        this.found = found;
        this.settle = settle;
        thread = Thread.ofPlatform().name("membership").daemon(true).unstarted(() -> {
            urgency.run();
            run();
        });
    }

    void start() {
        thread.start();
    }

    void add(PathFinding finding) {
        if (finding instanceof PathFinding.Message && messages.incrementAndGet() > MOST_MESSAGES) {
            messages.decrementAndGet();
            return;
        }
        boolean ignored = queue.offer(new Item(finding, 0));
    }

    /** Settles after that many milliseconds unless something comes before; 0 for not at all. */
    void settleSoon(long millis) {
        if (Thread.currentThread().equals(thread)) {
            settleMillis = millis;
        } else {
            boolean ignored = queue.offer(new Item(null, millis));
        }
    }

    private void run() {
        while (!closed) {
            try {
                Item item = settleMillis > 0 ? queue.poll(settleMillis, TimeUnit.MILLISECONDS) : queue.take();
                if (item == null) {
                    settleMillis = settle.getAsLong();
                } else if (item.finding == null) {
                    settleMillis = item.settleMillis;
                } else {
                    if (item.finding instanceof PathFinding.Message) {
                        messages.decrementAndGet();
                    }
                    found.accept(item.finding);
                }
            } catch (InterruptedException _) {
                return;
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "membership", e);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
