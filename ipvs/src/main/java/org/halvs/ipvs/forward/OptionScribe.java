package org.halvs.ipvs.forward;

import org.halvs.ipvs.packet.Ipv4Options;
import org.halvs.ipvs.packet.PacketView;

/** Writes the director into the IPv4 options of packets: its addresses and its time. What it last received is kept with each packet in hand. */
final class OptionScribe implements Ipv4Options.Scribe {
    private final Network network;
    private final TimeOfDay time;
    private final Hop hop = new Hop();
    private long nowNanos;
    /** Whether the packet in hand has been received as a service receives it, and the address that goes by. */
    private boolean serving;

    private long end;

    // The answer of toward() given last.
    private long lastAddress = -1;
    private long lastGeneration;
    private long lastToward;

    OptionScribe(Network network, TimeOfDay time) {
        this.network = network;
        this.time = time;
    }

    /**
     * Takes in the options of the packet in hand.
     *
     * @param from who would answer it: a service records the address it has for the client, a router its own toward the sender
     *     ({@code fib_compute_spec_dst})
     */
    Ipv4Options.Outcome receive(Work work, IcmpErrors.From from) {
        PacketView packet = work.view;
        nowNanos = work.nowNanos;
        serving = from == IcmpErrors.From.SERVICE;
        end = serving ? packet.destinationLow : packet.sourceLow;
        return work.options.receive(packet.segment, packet.l3, packet.headerLength(), this);
    }

    /** Records the address by which the packet in hand leaves, which has been received, and makes its checksum right. */
    void forward(Work work, long address) {
        work.options.forward(work.view.segment, work.view.l3, address);
        work.options.settle(work.view.segment, work.view.l3);
    }

    /** The director's address toward another one; 0 when it has none. */
    long toward(long address) {
        if (address != lastAddress || network.generation() != lastGeneration) {
            lastAddress = address;
            lastGeneration = network.generation();
            lastToward = network.sourceToward(true, 0, address, hop) ? hop.sourceLow : 0;
        }
        return lastToward;
    }

    /** The time as packets in hand at {@code now} get it. */
    OptionScribe at(long now) {
        nowNanos = now;
        return this;
    }

    @Override
    public long ownAddress() {
        return serving ? end : toward(end);
    }

    @Override
    public boolean isAnothers(long address) {
        return network.isAnothers(true, 0, address);
    }

    @Override
    public int timestamp() {
        return time.timestamp(nowNanos);
    }
}
