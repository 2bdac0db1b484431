package org.halvs.linux;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A {@link FrameAdoption} that remembers what it was told, and hears what it is given. Thread-safe. */
public final class MemoryFrameAdoption implements FrameAdoption {
    private List<Adopted> adopted = List.of();
    private final Deque<Heard> heard = new ArrayDeque<>();
    private boolean broken;

    /** Makes every further {@link #adopt} fail, as on a kernel without nf_tables. */
    public synchronized void breakDown() {
        broken = true;
    }

    /** What is adopted now. */
    public synchronized List<Adopted> adopted() {
        return adopted;
    }

    /** Puts something where {@link #hear} finds it. */
    public synchronized void arrive(Heard something) {
        heard.add(something);
    }

    @Override
    public synchronized void adopt(Collection<Adopted> wanted) {
        adopted = List.copyOf(wanted);
        if (broken) {
            throw new LinuxException("nf_tables", Errno.EINVAL, "table netdev halvs_adopted");
        }
    }

    @Override
    public Optional<Heard> hear(int timeoutMillis) {
        Optional<Heard> next = poll();
        if (next.isEmpty() && timeoutMillis > 0) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        return next;
    }

    private synchronized Optional<Heard> poll() {
        return Optional.ofNullable(heard.poll());
    }

    @Override
    public synchronized void close() {
        adopted = List.of();
    }
}
