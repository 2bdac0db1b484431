package org.halvs.linux;

import java.util.Collection;
import java.util.List;

/** A {@link NeighbourSilence} that only remembers what it was told. Confined to one thread at a time. */
public final class MemoryNeighbourSilence implements NeighbourSilence {
    private List<IpAddress> silent = List.of();

    @Override
    public void about(Collection<IpAddress> addresses) {
        silent = List.copyOf(addresses);
    }

    /** What is kept silent about. */
    public List<IpAddress> silent() {
        return silent;
    }

    @Override
    public void close() {}
}
