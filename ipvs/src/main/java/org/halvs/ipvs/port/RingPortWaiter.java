package org.halvs.ipvs.port;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.halvs.linux.Errno;
import org.halvs.linux.PacketRing;
import org.halvs.linux.RingWaiter;

/** Waits for {@link AfPacketPort}s. */
final class RingPortWaiter implements PortWaiter {
    private static final System.Logger LOGGER = System.getLogger(RingPortWaiter.class.getName());

    private final RingWaiter waiter = new RingWaiter();
    private List<PacketRing> rings = List.of();

    @Override
    public void watch(List<PacketPort> ports) {
        List<PacketRing> watched = new ArrayList<>();
        for (PacketPort port : ports) {
            if (port instanceof AfPacketPort known) {
                watched.addAll(known.rings());
            }
        }
        rings = watched;
        waiter.watch(watched);
    }

    @Override
    public void await(int timeoutMillis) {
        if (!waiter.await(timeoutMillis)) {
            return;
        }
        for (int i = 0; i < rings.size(); i++) {
            if (waiter.failed(i)) {
                // an interface that went down; it may come up again, then the ring works again
                Errno error = rings.get(i).takeError();
                LOGGER.log(Level.DEBUG, "{0}: {1}", rings.get(i).interfaceName(), error.text());
            }
        }
    }

    @Override
    public void wake() {
        waiter.wake();
    }

    @Override
    public void close() {
        waiter.close();
    }
}
