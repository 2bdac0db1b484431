package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedirectedServerTest {
    private static final IpAddress CLIENT = IpAddress.of("10.0.9.7");
    private static final IpAddress LOOPBACK = IpAddress.of("127.0.0.1");
    private static final ServiceKey.AddressKey KEY = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, 80);
    private static final RedirectedServer REDIRECTED = new RedirectedServer(KEY, LOOPBACK, 8080);

    private final DirectorLab lab = new DirectorLab();

    @BeforeEach
    void serve() {
        lab.processor.network(
                lab.networkBuilder().addLocal(IpAddress.of("127.0.0.0"), 8).build());
        lab.service(VirtualService.of(KEY, SchedulerKind.RR));
        lab.addServer(KEY, RealServer.of(LOOPBACK, 8080, ForwardingMethod.MASQUERADE, 1));
    }

    private List<DirectorLab.Sent> in(int port, int flags) {
        return lab.send(
                DirectorLab.CLIENT_SIDE, Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT, port, DirectorLab.VIP, 80, flags));
    }

    @Test
    void itsPacketsGoToTheStackAsTheyCame() {
        lab.processor.redirected(Set.of(REDIRECTED));
        DirectorLab.Sent sent = in(40_000, Tcp.SYN).getFirst();
        assertThat(sent.locally()).isTrue();
        byte[] frame = sent.frame();
        PacketView view = new PacketView();
        view.parse(MemorySegment.ofArray(frame), 14, frame.length, true);
        assertThat(view.destinationLow).isEqualTo(DirectorLab.VIP.low());
        assertThat(view.destinationPort).isEqualTo(80);
        in(40_000, Tcp.ACK);
        assertThat(lab.processor.connections(lab.nowNanos))
                .singleElement()
                .extracting(ConnectionEntry::state, ConnectionEntry::destination, ConnectionEntry::destinationPort)
                .containsExactly("ESTABLISHED", LOOPBACK, 8080);
        assertThat(lab.counts(KEY)).as("without an answer ever seen").isEqualTo("127.0.0.1=1/0");
    }

    @Test
    void withoutTheStacksHelpLoopbackGetsNothingFromOutsideAsWithTheKernel() {
        assertThat(in(40_001, Tcp.SYN)).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(DropReason.MARTIAN);
        lab.processor.redirected(Set.of(REDIRECTED));
        assertThat(in(40_001, Tcp.SYN)).hasSize(1);
        lab.processor.redirected(Set.of());
        assertThat(in(40_001, Tcp.ACK)).isEmpty();
    }

    @Test
    void aNewTableKeepsItAndAServerThatComesBackIsToldOfAgain() {
        lab.processor.redirected(Set.of(REDIRECTED));
        lab.editServer(KEY, RealServer.of(LOOPBACK, 8080, ForwardingMethod.MASQUERADE, 5));
        assertThat(in(40_002, Tcp.SYN)).hasSize(1);
        lab.removeServer(KEY, LOOPBACK);
        assertThat(in(40_002, Tcp.ACK)).isEmpty();
        assertThat(lab.lastVerdict).isEqualTo(DropReason.DESTINATION_GONE);
        lab.addServer(KEY, RealServer.of(LOOPBACK, 8080, ForwardingMethod.MASQUERADE, 1));
        lab.processor.redirected(Set.of(REDIRECTED));
        assertThat(in(40_002, Tcp.ACK)).hasSize(1);
    }
}
