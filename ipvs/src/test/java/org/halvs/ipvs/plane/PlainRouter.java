package org.halvs.ipvs.plane;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Protocol;
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
import org.halvs.linux.MacAddress;

/** A processor that does the least: routes every IPv4 packet that is not for the director, unchanged but for its Ethernet addresses. */
final class PlainRouter implements PacketProcessor {
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** The mark says that every packet may be meant. */
    private static final List<IpAddress> SERVERS = List.of(IpAddress.of("10.1.0.11"), IpAddress.of("10.7.0.11"));

    /** TCP to and from the servers it routes for. */
    private static final WithheldTraffic SERVED = new WithheldTraffic(
            SERVERS.stream()
                    .map(server -> new WithheldTraffic.Served(Protocol.TCP, server, 0, 65535))
                    .toList(),
            List.of(),
            SERVERS.stream()
                    .map(server -> new WithheldTraffic.Masqueraded(Protocol.TCP, server, 0))
                    .toList());

    private volatile NetworkView network = NetworkView.EMPTY;
    private IpvsSettings settings = IpvsSettings.DEFAULT;

    NetworkView network() {
        return network;
    }

    @Override
    public Verdict process(PacketBuffer packet, long nowNanos, FrameSink out) {
        MemorySegment segment = packet.segment();
        long at = packet.offset();
        if (segment.get(HALF, at + 12) != 0x0800) {
            return Verdict.Accepted.LOCAL;
        }
        IpAddress destination = IpAddress.ofIpv4(segment.get(WORD, at + 30));
        if (network.isLocal(destination)) {
            return Verdict.Accepted.LOCAL;
        }
        NetworkView.Route route = network.route(destination);
        if (!route.isReachable()) {
            return DropReason.NO_ROUTE;
        }
        IpAddress nextHop = route.gateway().orElse(destination);
        writeMac(
                segment,
                at + 6,
                network.interfaceAt(route.interfaceIndex()).orElseThrow().mac());
        long mac = network.neighbour(route.interfaceIndex(), nextHop);
        if (mac == NetworkView.NO_MAC) {
            out.unresolved(route.interfaceIndex(), nextHop, segment, at, packet.length(), packet.offload());
            return Verdict.Accepted.FORWARDED;
        }
        writeMac(segment, at, new MacAddress(mac));
        out.transmit(route.interfaceIndex(), segment, at, packet.length(), packet.offload());
        return Verdict.Accepted.FORWARDED;
    }

    private static void writeMac(MemorySegment segment, long at, MacAddress mac) {
        MemorySegment.copy(mac.bytes(), 0, segment, ValueLayout.JAVA_BYTE, at, 6);
    }

    @Override
    public void table(ForwardingTable table, long nowNanos) {
        // has no services
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
    public void settings(IpvsSettings changed) {
        settings = changed;
    }

    @Override
    public IpvsSettings settings() {
        return settings;
    }

    @Override
    public void expire(long nowNanos, FrameSink out) {
        // keeps nothing
    }

    @Override
    public ForwardingStats stats() {
        return ForwardingStats.EMPTY;
    }

    @Override
    public ConnectionPage connections(int from, int most, long nowNanos) {
        return new ConnectionPage(List.of(), ConnectionPage.END);
    }

    @Override
    public void changeTimeouts(Timeouts timeouts) {
        // has none
    }

    @Override
    public Timeouts timeouts() {
        return Timeouts.DEFAULT;
    }

    @Override
    public void zero(Optional<ServiceKey> key) {
        // counts nothing
    }

    @Override
    public WithheldTraffic withheld() {
        return SERVED;
    }
}
