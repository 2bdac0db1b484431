package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Icmp;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths no recording shows: tunnels between the protocols, sloppy scheduling, bypass, the defences, data from port 20. */
class SpecialPathsTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.70.1");
    private static final IpAddress CLIENT6 = IpAddress.of("fd18::70:1");
    private static final int PORT = 2020;

    private final DirectorLab lab = new DirectorLab();

    private static ServiceKey key(boolean ipv4, Protocol protocol) {
        return new ServiceKey.AddressKey(protocol, ipv4 ? DirectorLab.VIP : DirectorLab.VIP6, PORT);
    }

    private String in(boolean ipv4, int from, int flags, int payload) {
        return lab.result(inFrames(ipv4, from, flags, payload));
    }

    private List<DirectorLab.Sent> inFrames(boolean ipv4, int from, int flags, int payload) {
        return lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.tcp(
                        DirectorLab.CLIENT_SIDE,
                        ipv4 ? CLIENT : CLIENT6,
                        from,
                        ipv4 ? DirectorLab.VIP : DirectorLab.VIP6,
                        PORT,
                        flags,
                        new byte[payload]));
    }

    private List<ConnectionEntry> connections() {
        return lab.processor.connections(lab.nowNanos);
    }

    private static PacketView parsed(byte[] frame, long at, boolean whole) {
        PacketView view = new PacketView();
        assertThat(view.parse(MemorySegment.ofArray(frame), at, frame.length, whole))
                .isEqualTo(PacketView.Parsed.OK);
        return view;
    }

    private static TunnelOptions options(TunnelOptions.Type type) {
        return new TunnelOptions(type, type == TunnelOptions.Type.GUE ? 6080 : 0, TunnelOptions.Checksum.NONE);
    }

    private void tunnel(boolean inner, TunnelOptions.Type type) {
        ServiceKey key = key(inner, Protocol.TCP);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        IpAddress server = inner ? DirectorLab.server6(1) : DirectorLab.server(1);
        lab.addServer(key, new RealServer(server, PORT, ForwardingMethod.TUNNEL, 1, 0, 0, options(type)));
    }

    @ParameterizedTest
    @EnumSource
    void ipv4InIpv6(TunnelOptions.Type type) {
        tunnel(true, type);
        byte[] frame = inFrames(true, 40_000, Tcp.SYN, 10).getFirst().frame();
        PacketView outer = parsed(frame, 14, true);
        assertThat(outer.ipv4).isFalse();
        assertThat(outer.sourceLow).isEqualTo(IpAddress.of("fd02::1").low());
        assertThat(outer.destinationLow).isEqualTo(DirectorLab.server6(1).low());
        assertThat(outer.ttl).isEqualTo(63);
        assertThat(outer.protocol).isEqualTo(outerProtocol(type, IpProtocol.IPIP));
        PacketView carried = parsed(frame, 14 + 40 + TunnelTransmitter.between(options(type)), true);
        assertThat(carried.ipv4).isTrue();
        assertThat(carried.ttl).isEqualTo(63);
        assertThat(carried.destinationLow).isEqualTo(DirectorLab.VIP.low());
        assertThat(connections()).singleElement().satisfies(entry -> {
            assertThat(entry.client()).isEqualTo(CLIENT);
            assertThat(entry.destination()).isEqualTo(DirectorLab.server6(1));
        });
    }

    @ParameterizedTest
    @EnumSource
    void ipv6InIpv4(TunnelOptions.Type type) {
        tunnel(false, type);
        byte[] frame = inFrames(false, 40_000, Tcp.SYN, 10).getFirst().frame();
        PacketView outer = parsed(frame, 14, true);
        assertThat(outer.ipv4).isTrue();
        assertThat(outer.sourceLow).isEqualTo(IpAddress.of("10.0.2.1").low());
        assertThat(outer.protocol).isEqualTo(outerProtocol(type, IpProtocol.IPV6));
        assertThat(outer.dontFragment())
                .as("an IPv6 packet has no such bit to copy")
                .isFalse();
        PacketView carried = parsed(frame, 14 + 20 + TunnelTransmitter.between(options(type)), true);
        assertThat(carried.ipv4).isFalse();
        assertThat(carried.ttl).isEqualTo(63);
        assertThat(carried.destinationLow).isEqualTo(DirectorLab.VIP6.low());
        assertThat(connections())
                .singleElement()
                .satisfies(entry -> assertThat(entry.destination()).isEqualTo(DirectorLab.server(1)));
    }

    @Test
    void framesToAnotherMachineAreTakenInItsPlaceOnly() {
        tunnel(false, TunnelOptions.Type.IPIP);
        MacAddress other = DirectorLab.mac("02:00:00:00:09:09");
        byte[] frame =
                Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT6, 40_000, DirectorLab.VIP6, PORT, Tcp.SYN, new byte[0]);
        System.arraycopy(other.bytes(), 0, frame, 0, 6);
        assertThat(lab.result(lab.send(DirectorLab.CLIENT_SIDE, frame))).isEqualTo("local");
        lab.processor.adopt(Set.of(DirectorLab.mac("02:00:00:00:09:08"), other));
        assertThat(lab.result(lab.send(DirectorLab.CLIENT_SIDE, frame))).isEqualTo("rs1");
        assertThat(in(false, 40_001, Tcp.SYN, 0)).as("its own as ever").isEqualTo("rs1");
        lab.processor.adopt(Set.of());
        assertThat(lab.result(lab.send(DirectorLab.CLIENT_SIDE, frame))).isEqualTo("local");
    }

    private static int outerProtocol(TunnelOptions.Type type, int plain) {
        return switch (type) {
            case IPIP -> plain;
            case GRE -> IpProtocol.GRE;
            case GUE -> IpProtocol.UDP;
        };
    }

    /** The outer header counts in the size of what fits, whatever is inside. */
    @ParameterizedTest
    @CsvSource({"true, 1420, 3/4, 1460", "false, 1420, 2/0, 1480"})
    void mixedTunnelsSayWhatFits(boolean inner, int payload, String error, int mtu) {
        tunnel(inner, TunnelOptions.Type.IPIP);
        int header = inner ? 40 : 60;
        in(inner, 40_000, Tcp.SYN, 0);
        inFrames(inner, 40_000, Tcp.ACK, mtu - header);
        assertThat(lab.lastVerdict).isEqualTo(Verdict.Accepted.FORWARDED);
        List<DirectorLab.Sent> told = inFrames(inner, 40_000, Tcp.ACK, mtu - header + 1);
        assertThat(lab.lastVerdict).isEqualTo(DropReason.TOO_BIG);
        assertThat(lab.result(told)).isEqualTo("icmp:" + error);
        PacketView icmp = parsed(told.getFirst().frame(), 14, true);
        assertThat(Wire.i32(icmp.segment, icmp.l4 + 4)).isEqualTo(mtu);
        assertThat(payload).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void sloppyTcpSchedulesInTheMiddle(int sloppy) {
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.SLOPPY_TCP, sloppy));
        ServiceKey key = key(true, Protocol.TCP);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(key, RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.DIRECT_ROUTE, 1));
        assertThat(in(true, 1, Tcp.RST, 0)).isEqualTo("local");
        assertThat(in(true, 1, Tcp.RST | Tcp.ACK, 0)).isEqualTo("local");
        assertThat(in(true, 1, Tcp.SYN | Tcp.RST, 0)).isEqualTo("local");
        assertThat(in(true, 2, Tcp.ACK, 0)).isEqualTo(sloppy == 1 ? "rs1" : "local");
        assertThat(in(true, 3, Tcp.FIN | Tcp.ACK, 0)).isEqualTo(sloppy == 1 ? "rs1" : "local");
        assertThat(in(true, 4, Tcp.SYN | Tcp.ACK, 0)).isEqualTo("rs1");
        if (sloppy == 1) {
            assertThat(connections())
                    .extracting(ConnectionEntry::state)
                    .containsExactlyInAnyOrder("ESTABLISHED", "CLOSE", "SYN_RECV");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void sloppySctpSchedulesInTheMiddle(int sloppy) {
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.SLOPPY_SCTP, sloppy));
        ServiceKey key = key(true, Protocol.SCTP);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(key, RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.DIRECT_ROUTE, 1));
        assertThat(chunk(1, Sctp.ABORT)).isEqualTo("local");
        assertThat(chunk(2, Sctp.DATA)).isEqualTo(sloppy == 1 ? "rs1" : "local");
        assertThat(chunk(3, 10)).as("COOKIE ECHO").isEqualTo(sloppy == 1 ? "rs1" : "local");
        assertThat(chunk(4, Sctp.INIT)).isEqualTo("rs1");
    }

    private String chunk(int from, int type) {
        return lab.result(lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.sctp(DirectorLab.CLIENT_SIDE, CLIENT, from, DirectorLab.VIP, PORT, type)));
    }

    @Test
    void nothingFromPort20IsScheduled() {
        for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
            ServiceKey key = key(true, protocol);
            lab.service(VirtualService.of(key, SchedulerKind.RR));
            lab.addServer(key, RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.DIRECT_ROUTE, 1));
        }
        assertThat(in(true, 20, Tcp.SYN, 0)).isEqualTo("local");
        assertThat(lab.result(lab.send(
                        DirectorLab.CLIENT_SIDE,
                        Frames.udp(DirectorLab.CLIENT_SIDE, CLIENT, 20, DirectorLab.VIP, PORT, new byte[1]))))
                .isEqualTo("local");
        assertThat(in(true, 21, Tcp.SYN, 0)).isEqualTo("rs1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bypassSendsOnWhatNoServerTakes(boolean ipv4) {
        IpAddress elsewhere = ipv4 ? IpAddress.of("203.0.113.9") : IpAddress.of("2001:db8::9");
        IpAddress.Family family = elsewhere.family();
        ServiceKey key = new ServiceKey.FirewallMark(family, 9);
        lab.service(new VirtualService(
                key,
                SchedulerKind.RR,
                List.of(),
                Optional.of(new Persistence(60, ipv4 ? -1 : 128, Optional.empty())),
                true));
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.CACHE_BYPASS, 1));
        byte[] syn = Frames.tcp(DirectorLab.CLIENT_SIDE, ipv4 ? CLIENT : CLIENT6, 6001, elsewhere, 81, Tcp.SYN);
        List<DirectorLab.Sent> sent = lab.send(DirectorLab.CLIENT_SIDE, syn, 9, new Offload());
        PacketView view = parsed(sent.getFirst().frame(), 14, true);
        assertThat(view.destinationLow).isEqualTo(elsewhere.low());
        assertThat(view.ttl).isEqualTo(63);
        assertThat(connections()).singleElement().satisfies(entry -> {
            assertThat(entry.state()).isEqualTo("SYN_RECV");
            assertThat(entry.destination().isAny()).isTrue();
            assertThat(entry.destinationPort()).isZero();
        });
        byte[] datagram =
                Frames.udp(DirectorLab.CLIENT_SIDE, ipv4 ? CLIENT : CLIENT6, 6001, elsewhere, 81, new byte[1]);
        assertThat(lab.send(DirectorLab.CLIENT_SIDE, datagram, 9, new Offload()))
                .hasSize(1);
        assertThat(connections())
                .as("a service of single packets keeps none of UDP")
                .hasSize(1);
        // A server that comes later takes new connections, not the one there is.
        lab.addServer(
                key,
                RealServer.of(
                        ipv4 ? DirectorLab.server(1) : DirectorLab.server6(1), 0, ForwardingMethod.DIRECT_ROUTE, 1));
        sent = lab.send(DirectorLab.CLIENT_SIDE, syn, 9, new Offload());
        assertThat(sent.getFirst().interfaceIndex()).isEqualTo(DirectorLab.CLIENT_SIDE);
    }

    @Test
    void dropPacketDropsTheFirstAndEveryTenthThatWouldBeScheduled() {
        ServiceKey key = key(true, Protocol.TCP);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(key, RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.DIRECT_ROUTE, 1));
        assertThat(in(true, 1, Tcp.SYN, 0)).isEqualTo("rs1");
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.DROP_PACKET, 3).with(Setting.AM_DROPRATE, 10));
        for (int i = 0; i < 40; i++) {
            assertThat(in(true, 1, Tcp.ACK, 0)).as("established").isEqualTo("rs1");
            assertThat(in(true, 100 + i, Tcp.SYN, 0)).isEqualTo(i % 10 == 0 ? "drop" : "rs1");
            lab.advance(1000);
        }
    }

    @Test
    void dropEntryTakesHalfOpenAndUnusedOnesAndLeavesTheRest() {
        ServiceKey key = key(true, Protocol.TCP);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(key, RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.DIRECT_ROUTE, 1));
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.DROP_ENTRY, 3));
        in(true, 1, Tcp.SYN, 0);
        in(true, 2, Tcp.SYN, 0);
        in(true, 2, Tcp.ACK, 0);
        in(true, 3, Tcp.SYN, 0);
        for (int i = 0; i < 8; i++) {
            in(true, 3, Tcp.ACK, 0);
        }
        in(true, 4, Tcp.SYN, 0);
        in(true, 4, Tcp.ACK, 0);
        in(true, 4, Tcp.FIN | Tcp.ACK, 0);
        lab.advance(40_000);
        assertThat(connections())
                .as("half-open; the others are busy enough, or not idle for a minute")
                .extracting(ConnectionEntry::clientPort)
                .containsExactlyInAnyOrder(2, 3, 4);
        lab.advance(60_000);
        assertThat(connections())
                .as("two packets and a minute of silence are little; nine packets are not; FIN_WAIT ends by itself")
                .extracting(ConnectionEntry::clientPort)
                .containsExactlyInAnyOrder(3, 4);
    }

    @Test
    void anErrorAboutATunnelCountsAsAnswer() {
        tunnelIpv4();
        byte[] outer = inFrames(true, 40_000, Tcp.SYN, 100).getFirst().frame();
        byte[] icmp = new byte[8 + 60];
        icmp[0] = Icmp.UNREACHABLE;
        icmp[1] = 1;
        icmp[7] = 9;
        System.arraycopy(outer, 14, icmp, 8, 60);
        MemorySegment s = MemorySegment.ofArray(icmp);
        int checksum = org.halvs.ipvs.packet.Checksum.finish(org.halvs.ipvs.packet.Checksum.sum(s, 0, icmp.length, 0));
        Wire.put16(s, 2, checksum);
        List<DirectorLab.Sent> told = lab.send(
                DirectorLab.SERVER_SIDE,
                Frames.ip(DirectorLab.SERVER_SIDE, DirectorLab.server(1), IpAddress.of("10.0.2.1"), 1, icmp));
        PacketView view = parsed(told.getFirst().frame(), 14, true);
        assertThat(view.destinationLow).isEqualTo(CLIENT.low());
        assertThat(Wire.i32(view.segment, view.l4 + 4))
                .as("the rest of the header is passed on")
                .isEqualTo(9);
        lab.advance(2000);
        assertThat(lab.stats(key(true, Protocol.TCP)).counters().outPackets())
                .as("when it comes, and again when it goes on to the client")
                .isEqualTo(2);
        assertThat(lab.stats(key(true, Protocol.TCP)).counters().outBytes()).isEqualTo(40 + 68);
    }

    private void tunnelIpv4() {
        ServiceKey key = key(true, Protocol.TCP);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(
                key,
                new RealServer(
                        DirectorLab.server(1),
                        PORT,
                        ForwardingMethod.TUNNEL,
                        1,
                        0,
                        0,
                        options(TunnelOptions.Type.IPIP)));
    }
}
