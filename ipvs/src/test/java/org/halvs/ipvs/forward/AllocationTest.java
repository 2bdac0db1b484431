package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No packet costs heap memory, on whatever path, compiled or not. */
class AllocationTest {
    private static final IpAddress CLIENT = IpAddress.of("172.16.0.9");
    private static final IpAddress CLIENT6 = IpAddress.of("fd0a::9");
    private static final int BATCH = 32;
    private static final int HEADROOM = 128;
    private static final int SLOT = 8192;
    private static final int WARM_UP = 300;
    private static final int MEASURED = 20;
    /** What every packet allocates shows in every round; what the virtual machine does once, in one. */
    private static final int ROUNDS = 5;

    /** Record route and timestamps with addresses, with room for two of each, and the end of the list. */
    private static final byte[] OPTIONS =
            HexFormat.of().parseHex("070b040000000000000000" + "44140501" + "00".repeat(16) + "00");

    /** What is sent again and again. */
    enum Kind {
        NAT,
        NAT_REPLY,
        NAT_IPV6,
        NAT_REPLY_IPV6,
        NAT_UDP,
        NAT_ESP,
        NAT_REPLY_ESP,
        DIRECT_ROUTE,
        DIRECT_ROUTE_IPV6,
        TUNNEL,
        TUNNEL_WITHOUT_ROOM,
        TUNNEL_SUPER_PACKET,
        NAT_SUPER_PACKET_IN_FRAGMENTS,
        OPTIONS,
        OPTIONS_OF_REPLY,
        TIME_EXCEEDED,
        NOT_OURS,
        NEW_CONNECTIONS,
        NEW_CONNECTIONS_IPV6,
        PERSISTENT_CONNECTIONS
    }

    private final DirectorLab lab = new DirectorLab();
    private final MemorySegment memory = Arena.ofAuto().allocate((long) BATCH * SLOT, 64);
    private final PacketBuffer[] packets = new PacketBuffer[BATCH];
    private final Verdict[] verdicts = new Verdict[BATCH];
    private final Renumbering clients = new Renumbering();
    private int headroom = HEADROOM;
    private long frames;

    private final FrameSink sink = new FrameSink() {
        @Override
        public void transmit(int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload) {
            frames++;
        }

        @Override
        public void deliverLocally(
                int interfaceIndex, MemorySegment segment, long offset, int length, Offload offload) {
            throw new AssertionError("local");
        }

        @Override
        public void unresolved(
                int interfaceIndex,
                IpAddress nextHop,
                MemorySegment segment,
                long offset,
                int length,
                Offload offload) {
            throw new AssertionError("unresolved " + nextHop);
        }
    };

    /** Gives each packet a client of its own, so that each makes a connection. */
    private static final class Renumbering {
        private int next = 1;

        void renumber(MemorySegment memory, long at, boolean ipv4) {
            int client = next++;
            if (ipv4) {
                memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + 26, Integer.reverseBytes(0xac110000 + client));
                Ipv4.writeChecksum(memory, at + 14);
            } else {
                memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + 34, Integer.reverseBytes(client));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPacketAllocatesNothing(Kind kind) {
        services();
        lab.processor.settings(IpvsSettings.DEFAULT);
        byte[] frame = frame(kind);
        run(kind, frame, WARM_UP);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        long nothing = threads.getCurrentThreadAllocatedBytes() - before;
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            frames = 0;
            before = threads.getCurrentThreadAllocatedBytes();
            run(kind, frame, MEASURED);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before - nothing);
            assertThat(frames).isGreaterThanOrEqualTo(leastFrames(kind));
        }
        assertThat(least).as("bytes for " + MEASURED * BATCH + " packets").isZero();
    }

    private static long leastFrames(Kind kind) {
        return switch (kind) {
            case NOT_OURS -> 0;
            case TIME_EXCEEDED -> MEASURED;
            default -> (long) MEASURED * BATCH;
        };
    }

    private void run(Kind kind, byte[] frame, int batches) {
        for (int i = 0; i < batches; i++) {
            fill(kind, frame);
            // an error a second: they are limited
            lab.nowNanos += kind == Kind.TIME_EXCEEDED ? 1_000_000_000L : 1000;
            lab.processor.process(packets, BATCH, verdicts, lab.nowNanos, sink);
        }
    }

    private void fill(Kind kind, byte[] frame) {
        int side = switch (kind) {
            case NAT_REPLY, NAT_REPLY_IPV6, NAT_REPLY_ESP, OPTIONS_OF_REPLY -> DirectorLab.SERVER_SIDE;
            default -> DirectorLab.CLIENT_SIDE;
        };
        for (int i = 0; i < BATCH; i++) {
            long at = (long) i * SLOT + HEADROOM;
            MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, at, frame.length);
            switch (kind) {
                case NEW_CONNECTIONS, PERSISTENT_CONNECTIONS -> clients.renumber(memory, at, true);
                case NEW_CONNECTIONS_IPV6 -> clients.renumber(memory, at, false);
                default -> {}
            }
            packets[i].set(memory, at, frame.length, headroom, 64, side);
            switch (kind) {
                case TUNNEL_SUPER_PACKET -> packets[i].offload().gso(Offload.GSO_TCPV4, 1000, 0);
                case NAT_SUPER_PACKET_IN_FRAGMENTS -> packets[i].offload().gso(Offload.GSO_TCPV4, 1600, 0);
                default -> {}
            }
        }
    }

    private byte[] frame(Kind kind) {
        for (int i = 0; i < BATCH; i++) {
            packets[i] = new PacketBuffer();
            verdicts[i] = Verdict.Accepted.LOCAL;
        }
        int client = DirectorLab.CLIENT_SIDE;
        int server = DirectorLab.SERVER_SIDE;
        IpAddress vip = DirectorLab.VIP;
        IpAddress vip6 = DirectorLab.VIP6;
        byte[] much = new byte[4000];
        return switch (kind) {
            case NAT -> Frames.tcp(client, CLIENT, 4000, opened(vip, 80), 80, Tcp.ACK);
            case NAT_IPV6 -> Frames.tcp(client, CLIENT6, 4000, opened(vip6, 80), 80, Tcp.ACK);
            case NAT_REPLY -> {
                opened(vip, 80);
                yield Frames.tcp(server, DirectorLab.server(1), 80, CLIENT, 4000, Tcp.ACK);
            }
            case NAT_REPLY_IPV6 -> {
                opened(vip6, 80);
                yield Frames.tcp(server, DirectorLab.server6(1), 80, CLIENT6, 4000, Tcp.ACK);
            }
            case NAT_UDP -> Frames.udp(client, CLIENT, 4000, vip, 53, new byte[20]);
            case NAT_ESP -> {
                exchangeKeys();
                yield Frames.ip(client, CLIENT, vip, IpProtocol.ESP, new byte[20]);
            }
            case NAT_REPLY_ESP -> {
                exchangeKeys();
                yield Frames.ip(server, DirectorLab.server(1), CLIENT, IpProtocol.ESP, new byte[20]);
            }
            case DIRECT_ROUTE -> Frames.tcp(client, CLIENT, 4000, opened(vip, 81), 81, Tcp.ACK);
            case DIRECT_ROUTE_IPV6 -> Frames.tcp(client, CLIENT6, 4000, opened(vip6, 81), 81, Tcp.ACK);
            case TUNNEL -> Frames.tcp(client, CLIENT, 4000, opened(vip, 82), 82, Tcp.ACK);
            case TUNNEL_WITHOUT_ROOM -> {
                headroom = 0;
                yield Frames.tcp(client, CLIENT, 4000, opened(vip, 82), 82, Tcp.ACK);
            }
            case TUNNEL_SUPER_PACKET -> Frames.tcp(client, CLIENT, 4000, opened(vip, 82), 82, Tcp.ACK, much);
            case NAT_SUPER_PACKET_IN_FRAGMENTS -> {
                byte[] frame = Frames.tcp(client, CLIENT, 4000, opened(vip, 80), 80, Tcp.ACK, much);
                // may be fragmented
                frame[20] = 0;
                Ipv4.writeChecksum(MemorySegment.ofArray(frame), 14);
                yield frame;
            }
            case OPTIONS -> Frames.withOptions(Frames.tcp(client, CLIENT, 4000, opened(vip, 80), 80, Tcp.ACK), OPTIONS);
            case OPTIONS_OF_REPLY -> {
                opened(vip, 80);
                yield Frames.withOptions(Frames.tcp(server, DirectorLab.server(1), 80, CLIENT, 4000, Tcp.ACK), OPTIONS);
            }
            case TIME_EXCEEDED -> {
                byte[] frame = Frames.tcp(client, CLIENT, 4000, opened(vip, 80), 80, Tcp.ACK);
                frame[22] = 1;
                Ipv4.writeChecksum(MemorySegment.ofArray(frame), 14);
                yield frame;
            }
            case NOT_OURS -> Frames.tcp(client, CLIENT, 4000, vip, 9999, Tcp.ACK);
            case NEW_CONNECTIONS -> Frames.tcp(client, CLIENT, 4000, vip, 80, Tcp.SYN);
            case NEW_CONNECTIONS_IPV6 -> Frames.tcp(client, CLIENT6, 4000, vip6, 80, Tcp.SYN);
            case PERSISTENT_CONNECTIONS -> Frames.tcp(client, CLIENT, 4000, vip, 83, Tcp.SYN);
        };
    }

    /** Makes the connection to a port of an address of ours. */
    private IpAddress opened(IpAddress vip, int port) {
        IpAddress from = vip.isIpv4() ? CLIENT : CLIENT6;
        assertThat(lab.send(
                        DirectorLab.CLIENT_SIDE, Frames.tcp(DirectorLab.CLIENT_SIDE, from, 4000, vip, port, Tcp.SYN)))
                .hasSize(1);
        return vip;
    }

    private void exchangeKeys() {
        int port = Udp.ISAKMP;
        byte[] first = Frames.udp(DirectorLab.CLIENT_SIDE, CLIENT, port, DirectorLab.VIP, port, new byte[20]);
        assertThat(lab.send(DirectorLab.CLIENT_SIDE, first)).hasSize(1);
    }

    private void services() {
        List<ForwardingTable.Entry> entries = new ArrayList<>();
        for (IpAddress vip : List.of(DirectorLab.VIP, DirectorLab.VIP6)) {
            entries.add(entry(Protocol.TCP, vip, 80, ForwardingMethod.MASQUERADE, Optional.empty()));
            entries.add(entry(Protocol.UDP, vip, 53, ForwardingMethod.MASQUERADE, Optional.empty()));
            entries.add(entry(Protocol.UDP, vip, Udp.ISAKMP, ForwardingMethod.MASQUERADE, Optional.empty()));
            entries.add(entry(Protocol.TCP, vip, 81, ForwardingMethod.DIRECT_ROUTE, Optional.empty()));
            entries.add(entry(Protocol.TCP, vip, 82, ForwardingMethod.TUNNEL, Optional.empty()));
            Optional<Persistence> sticky = Optional.of(new Persistence(300, vip.isIpv4() ? -1 : 128, Optional.empty()));
            entries.add(entry(Protocol.TCP, vip, 83, ForwardingMethod.MASQUERADE, sticky));
        }
        lab.processor.table(new ForwardingTable(1, entries), 0);
    }

    private static ForwardingTable.Entry entry(
            Protocol protocol, IpAddress vip, int port, ForwardingMethod method, Optional<Persistence> persistence) {
        ServiceKey key = new ServiceKey.AddressKey(protocol, vip, port);
        IpAddress server = vip.isIpv4() ? DirectorLab.server(1) : DirectorLab.server6(1);
        return new ForwardingTable.Entry(
                new VirtualService(key, SchedulerKind.WLC, List.of(), persistence, false),
                List.of(RealServer.of(server, port, method, 1)));
    }
}
