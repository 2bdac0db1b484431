package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What senders hear of packets that cannot be delivered, as {@code ipv4_link_failure} and {@code ip6_link_failure} tell them. */
class UnreachableTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.21.1");
    private static final IpAddress CLIENT6 = IpAddress.of("fd18::21:1");
    private static final int PORT = 2015;
    private static final ServiceKey KEY = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, PORT);
    private static final ServiceKey KEY6 = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP6, PORT);

    private final DirectorLab lab = new DirectorLab();

    private void serve(ServiceKey key, ForwardingMethod method, IpAddress server) {
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        int port = method == ForwardingMethod.MASQUERADE ? 8080 : PORT;
        lab.addServer(key, new RealServer(server, port, method, 1, 0, 0, TunnelOptions.IPIP));
    }

    private List<DirectorLab.Sent> syn(IpAddress client, IpAddress vip) {
        return lab.send(
                DirectorLab.CLIENT_SIDE, Frames.tcp(DirectorLab.CLIENT_SIDE, client, 40001, vip, PORT, Tcp.SYN));
    }

    /** An error the director sent, with the packet it quotes; checks its checksum. */
    private record Told(int type, int code, PacketView outer, PacketView quoted) {
        static Told of(DirectorLab.Sent sent) {
            MemorySegment frame = MemorySegment.ofArray(sent.frame());
            PacketView outer = new PacketView();
            assertThat(outer.parse(frame, 14, frame.byteSize(), true)).isEqualTo(PacketView.Parsed.OK);
            long start = outer.ipv4 ? 0 : outer.pseudoHeaderSum();
            assertThat(Checksum.fold(Checksum.sum(frame, outer.l4, outer.transportLength(), start)))
                    .isEqualTo(0xffff);
            PacketView quoted = new PacketView();
            quoted.parse(frame, outer.l4 + 8, frame.byteSize(), false);
            return new Told(Wire.u8(frame, outer.l4), Wire.u8(frame, outer.l4 + 1), outer, quoted);
        }
    }

    private static void assertAddresses(PacketView packet, IpAddress source, IpAddress destination) {
        assertThat(packet.sourceHigh).isEqualTo(source.high());
        assertThat(packet.sourceLow).isEqualTo(source.low());
        assertThat(packet.destinationHigh).isEqualTo(destination.high());
        assertThat(packet.destinationLow).isEqualTo(destination.low());
    }

    @ParameterizedTest
    @EnumSource(names = {"MASQUERADE", "DIRECT_ROUTE", "TUNNEL"})
    void aServerWithoutRouteIsAnUnreachableHost(ForwardingMethod method) {
        IpAddress lost = IpAddress.of("192.0.2.9");
        IpAddress lost6 = IpAddress.of("2001:db8::9");
        lab.processor.network(lab.networkBuilder()
                .add(NetworkView.Route.refusing(lost.masked(24), 24, 0, NetworkView.Route.Kind.BLACKHOLE))
                .add(NetworkView.Route.refusing(lost6.masked(64), 64, 0, NetworkView.Route.Kind.PROHIBIT))
                .build());
        serve(KEY, method, lost);
        serve(KEY6, method, lost6);
        Told error = Told.of(syn(CLIENT, DirectorLab.VIP).getFirst());
        assertThat(lab.lastVerdict).isEqualTo(DropReason.NO_ROUTE);
        assertThat(error.type() + "/" + error.code()).isEqualTo("3/1");
        assertAddresses(error.outer(), DirectorLab.VIP, CLIENT);
        assertAddresses(error.quoted(), CLIENT, DirectorLab.VIP);
        assertThat(error.quoted().ttl).as("not counted yet").isEqualTo(64);
        Told error6 = Told.of(syn(CLIENT6, DirectorLab.VIP6).getFirst());
        assertThat(error6.type() + "/" + error6.code()).isEqualTo("1/3");
        assertAddresses(error6.outer(), DirectorLab.VIP6, CLIENT6);
    }

    private List<DirectorLab.Sent> giveUp(DirectorLab.Sent unresolved) {
        List<DirectorLab.Sent> told = new ArrayList<>();
        byte[] frame = unresolved.frame();
        lab.processor.undelivered(MemorySegment.ofArray(frame), 0, frame.length, lab.nowNanos, lab.collecting(told));
        return told;
    }

    /** What a real kernel says: the kernel transcript {@code servers-that-do-not-answer}. */
    @ParameterizedTest
    @CsvSource({"MASQUERADE, 10.0.1.100", "DIRECT_ROUTE, 10.0.1.1"})
    void aServerThatDoesNotAnswerOnItsNetworkIsAnUnreachableHost(ForwardingMethod method, String teller) {
        serve(KEY, method, IpAddress.of("10.0.2.99"));
        Told error = Told.of(giveUp(syn(CLIENT, DirectorLab.VIP).getFirst()).getFirst());
        assertThat(error.type() + "/" + error.code()).isEqualTo("3/1");
        assertAddresses(error.outer(), IpAddress.of(teller), CLIENT);
        assertAddresses(error.quoted(), CLIENT, DirectorLab.VIP);
        assertThat(error.quoted().destinationPort).isEqualTo(PORT);
        assertThat(error.quoted().ttl).isEqualTo(63);
    }

    @Test
    void nobodyHearsOfATunnelThatEndsNowhere() {
        serve(KEY, ForwardingMethod.TUNNEL, IpAddress.of("10.0.2.99"));
        assertThat(giveUp(syn(CLIENT, DirectorLab.VIP).getFirst())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"MASQUERADE, 1", "DIRECT_ROUTE, 1", "TUNNEL, 0"})
    void theSameForIpv6ExceptInTunnels(ForwardingMethod method, int errors) {
        serve(KEY6, method, IpAddress.of("fd02::99"));
        List<DirectorLab.Sent> told = giveUp(syn(CLIENT6, DirectorLab.VIP6).getFirst());
        assertThat(told).hasSize(errors);
        if (errors > 0) {
            Told error = Told.of(told.getFirst());
            assertThat(error.type() + "/" + error.code()).isEqualTo("1/3");
            assertAddresses(error.outer(), DirectorLab.VIP6, CLIENT6);
            assertAddresses(error.quoted(), CLIENT6, DirectorLab.VIP6);
            assertThat(error.quoted().destinationPort).isEqualTo(PORT);
        }
    }

    @Test
    void aServerHearsOfAReplyThatCannotBeDelivered() {
        serve(KEY, ForwardingMethod.MASQUERADE, DirectorLab.server(1));
        IpAddress near = IpAddress.of("10.0.1.77");
        syn(near, DirectorLab.VIP);
        DirectorLab.Sent reply = lab.send(
                        DirectorLab.SERVER_SIDE,
                        Frames.tcp(
                                DirectorLab.SERVER_SIDE, DirectorLab.server(1), 8080, near, 40001, Tcp.SYN | Tcp.ACK))
                .getFirst();
        List<DirectorLab.Sent> told = giveUp(reply);
        assertThat(told)
                .singleElement()
                .satisfies(sent -> assertThat(sent.interfaceIndex()).isEqualTo(DirectorLab.SERVER_SIDE));
        Told error = Told.of(told.getFirst());
        assertThat(error.type() + "/" + error.code()).isEqualTo("3/1");
        assertThat(error.outer().destinationLow).isEqualTo(DirectorLab.server(1).low());
        assertAddresses(error.quoted(), DirectorLab.server(1), near);
        assertThat(error.quoted().sourcePort).isEqualTo(8080);
    }

    @ParameterizedTest
    @CsvSource({"UNREACHABLE, 3/1, 1/0", "PROHIBIT, 3/13, 1/1", "BLACKHOLE, '', ''"})
    void aReplyWithoutRouteGetsTheErrorOfTheRoute(NetworkView.Route.Kind kind, String ipv4, String ipv6) {
        serve(KEY, ForwardingMethod.MASQUERADE, DirectorLab.server(1));
        serve(KEY6, ForwardingMethod.MASQUERADE, DirectorLab.server6(1));
        syn(CLIENT, DirectorLab.VIP);
        syn(CLIENT6, DirectorLab.VIP6);
        lab.processor.network(lab.networkBuilder()
                .add(NetworkView.Route.refusing(CLIENT.masked(24), 24, 0, kind))
                .add(NetworkView.Route.refusing(CLIENT6.masked(64), 64, 0, kind))
                .build());
        assertThat(replyError(DirectorLab.server(1), CLIENT)).isEqualTo(ipv4);
        assertThat(replyError(DirectorLab.server6(1), CLIENT6)).isEqualTo(ipv6);
    }

    private String replyError(IpAddress server, IpAddress client) {
        List<DirectorLab.Sent> sent = lab.send(
                DirectorLab.SERVER_SIDE,
                Frames.tcp(DirectorLab.SERVER_SIDE, server, 8080, client, 40001, Tcp.SYN | Tcp.ACK));
        assertThat(lab.lastVerdict).isEqualTo(DropReason.NO_ROUTE);
        if (sent.isEmpty()) {
            return "";
        }
        Told error = Told.of(sent.getFirst());
        assertAddresses(error.outer(), server.isIpv4() ? IpAddress.of("10.0.2.1") : IpAddress.of("fd02::1"), server);
        return error.type() + "/" + error.code();
    }

    @Test
    void aMarkedPacketForSomebodyElseIsAnsweredInIpv6Only() {
        lab.service(VirtualService.of(new ServiceKey.FirewallMark(IpAddress.Family.IPV4, 5), SchedulerKind.RR));
        lab.service(VirtualService.of(new ServiceKey.FirewallMark(IpAddress.Family.IPV6, 5), SchedulerKind.RR));
        IpAddress elsewhere = IpAddress.of("203.0.113.9");
        IpAddress elsewhere6 = IpAddress.of("2001:db8::9");
        byte[] syn = Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT, 1, elsewhere, PORT, Tcp.SYN);
        byte[] syn6 = Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT6, 1, elsewhere6, PORT, Tcp.SYN);
        assertThat(lab.send(DirectorLab.CLIENT_SIDE, syn, 5, new Offload())).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(DropReason.NO_DESTINATION);
        Told error = Told.of(
                lab.send(DirectorLab.CLIENT_SIDE, syn6, 5, new Offload()).getFirst());
        assertThat(error.type() + "/" + error.code()).isEqualTo("1/4");
        assertThat(error.outer().sourceLow).isEqualTo(IpAddress.of("fd01::1").low());
    }

    @Test
    void packetsOfAFamilyWithoutServicesAreNotLookedAt() {
        serve(KEY6, ForwardingMethod.MASQUERADE, DirectorLab.server6(1));
        serve(KEY, ForwardingMethod.MASQUERADE, DirectorLab.server(1));
        assertThat(lab.result(syn(CLIENT, DirectorLab.VIP))).isEqualTo("rs1");
        lab.removeService(KEY);
        assertThat(lab.result(syn(CLIENT, DirectorLab.VIP))).isEqualTo("local");
        assertThat(lab.result(syn(CLIENT6, DirectorLab.VIP6))).isEqualTo("rs1");
    }
}
