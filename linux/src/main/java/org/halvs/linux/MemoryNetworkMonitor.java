package org.halvs.linux;

import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * {@link NetworkMonitor} of a network that exists in memory only: tells what it was told. Thread-safe; {@link #next}
 * may wait anywhere.
 */
public final class MemoryNetworkMonitor implements NetworkMonitor {
    private final LinkedBlockingQueue<Optional<NetworkChange>> changes = new LinkedBlockingQueue<>();

    /** Makes one {@link #next} return {@code change}. */
    public void tell(NetworkChange change) {
        changes.add(Optional.of(change));
    }

    @Override
    public Optional<NetworkChange> next() {
        try {
            Optional<NetworkChange> change = changes.take();
            if (change.isEmpty()) {
                close(); // for those who ask again
            }
            return change;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        changes.add(Optional.empty());
    }
}
