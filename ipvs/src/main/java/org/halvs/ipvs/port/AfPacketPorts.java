package org.halvs.ipvs.port;

import org.halvs.linux.Link;

/** The ports of this machine's interfaces. */
public final class AfPacketPorts implements PortFactory {

    @Override
    public PacketPort open(Link link, int share) {
        return AfPacketPort.open(link.index(), link.name(), share);
    }

    @Override
    public PortWaiter waiter() {
        return new RingPortWaiter();
    }

    @Override
    public String description() {
        return "AF_PACKET rings";
    }
}
