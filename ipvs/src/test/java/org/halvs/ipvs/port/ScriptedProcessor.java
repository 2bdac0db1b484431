package org.halvs.ipvs.port;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.forward.DropReason;
import org.halvs.ipvs.forward.FrameSink;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.PacketBuffer;
import org.halvs.ipvs.forward.PacketProcessor;
import org.halvs.ipvs.forward.Verdict;
import org.halvs.ipvs.forward.WithheldTraffic;
import org.halvs.linux.IpAddress;

/** A processor that does what the first byte of a frame tells it, and remembers what it was told. */
final class ScriptedProcessor implements PacketProcessor {
    static final byte TO_PORT_2 = 2;
    static final byte TO_NOWHERE = 9;
    static final byte LOCAL_SERVER = 20;
    static final byte UNRESOLVED = 30;
    static final byte BREAK = 66;
    static final IpAddress NEXT_HOP = IpAddress.of("192.0.2.7");

    final List<Integer> lengths = new ArrayList<>();
    NetworkView network = NetworkView.EMPTY;
    ForwardingTable table = ForwardingTable.EMPTY;
    WithheldTraffic withheld = WithheldTraffic.NOTHING;
    int expirations;

    @Override
    public Verdict process(PacketBuffer packet, long nowNanos, FrameSink out) {
        lengths.add(packet.length());
        MemorySegment memory = packet.segment();
        long at = packet.offset();
        byte order = memory.get(ValueLayout.JAVA_BYTE, at);
        switch (order) {
            case BREAK -> throw new IllegalStateException("a frame that breaks the processor");
            case LOCAL_SERVER -> out.deliverLocally(1, memory, at, packet.length(), packet.offload());
            case UNRESOLVED -> out.unresolved(2, NEXT_HOP, memory, at, packet.length(), packet.offload());
            default -> {
                memory.set(ValueLayout.JAVA_BYTE, at + 1, (byte) 77); // rewritten in place
                out.transmit(order, memory, at, packet.length(), packet.offload());
            }
        }
        return Verdict.Accepted.FORWARDED;
    }

    @Override
    public void table(ForwardingTable wanted, long nowNanos) {
        table = wanted;
    }

    @Override
    public void undelivered(MemorySegment frame, long offset, int length, long nowNanos, FrameSink out) {
        // tells nobody
    }

    @Override
    public void network(NetworkView view) {
        network = view;
    }

    @Override
    public void settings(IpvsSettings settings) {
        throw new UnsupportedOperationException();
    }

    @Override
    public IpvsSettings settings() {
        return IpvsSettings.DEFAULT;
    }

    @Override
    public void expire(long nowNanos, FrameSink out) {
        expirations++;
    }

    @Override
    public ForwardingStats stats() {
        return new ForwardingStats(
                table.revision(),
                List.of(),
                ForwardingStats.EMPTY.total(),
                ForwardingStats.EMPTY.totalRates(),
                List.of(new ForwardingStats.DropCount(DropReason.MALFORMED.word(), 3)));
    }

    @Override
    public ConnectionPage connections(int from, int most, long nowNanos) {
        return new ConnectionPage(List.of(), ConnectionPage.END);
    }

    @Override
    public void changeTimeouts(Timeouts timeouts) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Timeouts timeouts() {
        return Timeouts.DEFAULT;
    }

    @Override
    public void zero(Optional<ServiceKey> key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public WithheldTraffic withheld() {
        return withheld;
    }
}
