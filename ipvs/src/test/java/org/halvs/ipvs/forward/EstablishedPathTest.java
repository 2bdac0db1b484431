package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/** What is true of the first packet of a masqueraded connection is true of those in the middle of it as well. */
class EstablishedPathTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.23.1");
    private static final int PORT = 80;

    private final DirectorLab lab = new DirectorLab();

    private ServiceKey serve(Protocol protocol) {
        ServiceKey key = new ServiceKey.AddressKey(protocol, DirectorLab.VIP, PORT);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(key, RealServer.of(DirectorLab.server(1), 8080, ForwardingMethod.MASQUERADE, 1));
        return key;
    }

    private static byte[] segment(int flags, int payload) {
        return Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT, 4000, DirectorLab.VIP, PORT, flags, new byte[payload]);
    }

    private ServiceKey establish() {
        ServiceKey key = serve(Protocol.TCP);
        lab.send(DirectorLab.CLIENT_SIDE, segment(Tcp.SYN, 0));
        lab.send(
                DirectorLab.SERVER_SIDE,
                Frames.tcp(DirectorLab.SERVER_SIDE, DirectorLab.server(1), 8080, CLIENT, 4000, Tcp.SYN | Tcp.ACK));
        assertThat(lab.result(lab.send(DirectorLab.CLIENT_SIDE, segment(Tcp.ACK, 0))))
                .isEqualTo("rs1");
        return key;
    }

    @Test
    void aServerWhoseRouteHasGoneIsUnreachable() {
        establish();
        IpAddress network = IpAddress.of("10.0.2.11");
        lab.processor.network(lab.networkBuilder()
                .add(NetworkView.Route.refusing(network, 32, 0, NetworkView.Route.Kind.BLACKHOLE))
                .build());
        assertThat(lab.result(lab.send(DirectorLab.CLIENT_SIDE, segment(Tcp.ACK, 0))))
                .isEqualTo("icmp:3/1");
        assertThat(lab.lastVerdict).isEqualTo(DropReason.NO_ROUTE);
    }

    @Test
    void aServerThatHasBecomeTheDirectorItselfGetsThemFromTheStack() {
        establish();
        lab.processor.network(
                lab.networkBuilder().addLocal(DirectorLab.server(1), 32).build());
        List<DirectorLab.Sent> sent = lab.send(DirectorLab.CLIENT_SIDE, segment(Tcp.ACK, 0));
        assertThat(sent).singleElement().matches(DirectorLab.Sent::locally);
    }

    @Test
    void segmentsThatTravelTogetherAreCountedEach() {
        ServiceKey key = establish();
        byte[] frame = segment(Tcp.ACK | Tcp.PSH, 1_200); // fits the wire as it is
        lab.send(DirectorLab.CLIENT_SIDE, frame, 0, new Offload().gso(Offload.GSO_TCPV4, 600, 54));
        lab.advance(2_000);
        assertThat(lab.stats(key).counters().inPackets()).isEqualTo(2 + 2);
    }

    @Test
    void fragmentsLeaveAsTheyCame() {
        serve(Protocol.UDP);
        byte[] whole = Frames.udp(DirectorLab.CLIENT_SIDE, CLIENT, 4000, DirectorLab.VIP, PORT, new byte[1_192]);
        lab.send(DirectorLab.CLIENT_SIDE, whole);
        List<Integer> lengths = new ArrayList<>();
        for (int from = 0; from < 1_200; from += 600) {
            byte[] piece = Arrays.copyOf(whole, 34 + 600);
            System.arraycopy(whole, 34 + from, piece, 34, 600);
            MemorySegment s = MemorySegment.ofArray(piece);
            Wire.put16(s, 16, Ipv4.HEADER + 600);
            Wire.put16(s, 20, (from == 0 ? Ipv4.MORE_FRAGMENTS : 0) | from / 8);
            Ipv4.writeChecksum(s, 14);
            for (DirectorLab.Sent sent : lab.send(DirectorLab.CLIENT_SIDE, piece)) {
                PacketView view = new PacketView();
                view.parse(MemorySegment.ofArray(sent.frame()), 14, sent.frame().length, true);
                lengths.add(view.transportLength());
            }
        }
        assertThat(lengths).containsExactly(600, 600);
    }
}
