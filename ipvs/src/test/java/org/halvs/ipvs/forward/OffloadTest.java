package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/** Frames that were never on a wire: unfinished checksums and super-packets, as veth and virtio hand them over. */
class OffloadTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.3.3");
    private static final int PORT = 80;
    private static final ServiceKey KEY = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, PORT);

    private static DirectorLab lab(ForwardingMethod method) {
        DirectorLab lab = new DirectorLab();
        lab.service(VirtualService.of(KEY, SchedulerKind.RR));
        lab.addServer(
                KEY,
                RealServer.of(DirectorLab.server(1), method == ForwardingMethod.MASQUERADE ? 8080 : PORT, method, 1));
        lab.send(DirectorLab.CLIENT_SIDE, fromClient(Tcp.SYN, 0));
        assertThat(lab.lastVerdict).isEqualTo(Verdict.Accepted.FORWARDED);
        return lab;
    }

    private static byte[] fromClient(int flags, int payload) {
        byte[] data = new byte[payload];
        for (int i = 0; i < payload; i++) {
            data[i] = (byte) (i * 7);
        }
        return Frames.tcp(DirectorLab.CLIENT_SIDE, CLIENT, 4000, DirectorLab.VIP, PORT, flags, data);
    }

    /** Puts the pseudo-header's sum into the checksum field, as a sender with checksum offload does. */
    private static Offload unfinished(byte[] frame) {
        PacketView view = parse(frame);
        Wire.put16(view.segment, view.l4 + Tcp.CHECKSUM, Checksum.fold(view.pseudoHeaderSum()));
        return new Offload().checksumPartial((int) view.l4, Tcp.CHECKSUM);
    }

    private static PacketView parse(byte[] frame) {
        PacketView view = new PacketView();
        assertThat(view.parse(MemorySegment.ofArray(frame), 14, frame.length, true))
                .isEqualTo(PacketView.Parsed.OK);
        return view;
    }

    private static void assertChecksumRight(PacketView view) {
        long sum = Checksum.sum(view.segment, view.l4, view.transportLength(), view.pseudoHeaderSum());
        assertThat(Checksum.fold(sum)).isEqualTo(0xffff);
    }

    @Test
    void translationKeepsAnUnfinishedChecksumUnfinished() {
        DirectorLab lab = lab(ForwardingMethod.MASQUERADE);
        byte[] frame = fromClient(Tcp.ACK | Tcp.PSH, 100);
        List<DirectorLab.Sent> sent = lab.send(DirectorLab.CLIENT_SIDE, frame, 0, unfinished(frame));
        assertThat(lab.lastOffload.isChecksumPartial()).isTrue();
        PacketView view = parse(sent.getFirst().frame());
        assertThat(view.destinationPort).isEqualTo(8080);
        assertThat(Tcp.checksum(view.segment, view.l4)).isEqualTo(Checksum.fold(view.pseudoHeaderSum()));
        // What the card does then.
        int finished = Checksum.finish(Checksum.sum(view.segment, view.l4, view.transportLength(), 0));
        Wire.put16(view.segment, view.l4 + Tcp.CHECKSUM, finished);
        assertChecksumRight(view);
    }

    @Test
    void superPacketsPassTranslationWhole() {
        DirectorLab lab = lab(ForwardingMethod.MASQUERADE);
        byte[] frame = fromClient(Tcp.ACK | Tcp.PSH, 20_000);
        Offload offload = unfinished(frame).gso(Offload.GSO_TCPV4, 1448, 54);
        List<DirectorLab.Sent> sent = lab.send(DirectorLab.CLIENT_SIDE, frame, 0, offload);
        assertThat(sent).hasSize(1);
        assertThat(lab.lastOffload.gsoSize()).isEqualTo(1448);
        lab.advance(2_000);
        assertThat(lab.stats(KEY).counters().inPackets()).isEqualTo(1 + 14);
    }

    @Test
    void superPacketsAreCutForATunnel() {
        DirectorLab lab = lab(ForwardingMethod.TUNNEL);
        byte[] frame = fromClient(Tcp.ACK | Tcp.PSH | Tcp.FIN, 5_000);
        Offload offload = unfinished(frame).gso(Offload.GSO_TCPV4, 1400, 54);
        List<DirectorLab.Sent> sent = lab.send(DirectorLab.CLIENT_SIDE, frame, 0, offload);
        assertThat(sent).hasSize(4);
        int covered = 0;
        for (DirectorLab.Sent each : sent) {
            byte[] outer = each.frame();
            assertThat(outer.length - 14).isLessThanOrEqualTo(1500);
            PacketView inner = new PacketView();
            assertThat(inner.parse(MemorySegment.ofArray(outer), 34, outer.length, true))
                    .isEqualTo(PacketView.Parsed.OK);
            assertChecksumRight(inner);
            assertThat(Tcp.sequence(inner.segment, inner.l4)).isEqualTo(1000 + covered);
            assertThat(Ipv4.id(inner.segment, inner.l3)).isEqualTo(77 + covered / 1400);
            boolean last = covered + 1400 >= 5_000;
            assertThat(Tcp.flags(inner.segment, inner.l4)).isEqualTo(last ? Tcp.ACK | Tcp.PSH | Tcp.FIN : Tcp.ACK);
            for (int i = 0; i < inner.transportLength() - 20; i++) {
                assertThat(outer[34 + 40 + i]).isEqualTo((byte) ((covered + i) * 7));
            }
            covered += inner.transportLength() - 20;
        }
        assertThat(covered).isEqualTo(5_000);
    }

    @Test
    void superPacketsOfSegmentsTooBigForATunnelAreRefused() {
        DirectorLab lab = lab(ForwardingMethod.TUNNEL);
        byte[] frame = fromClient(Tcp.ACK, 5_000);
        Offload offload = unfinished(frame).gso(Offload.GSO_TCPV4, 1460, 54);
        List<DirectorLab.Sent> sent = lab.send(DirectorLab.CLIENT_SIDE, frame, 0, offload);
        assertThat(lab.lastVerdict).isEqualTo(DropReason.TOO_BIG);
        assertThat(lab.result(sent)).isEqualTo("icmp:3/4");
    }

    @Test
    void unfinishedChecksumsAreFinishedForATunnel() {
        DirectorLab lab = lab(ForwardingMethod.TUNNEL);
        byte[] frame = fromClient(Tcp.ACK, 333);
        List<DirectorLab.Sent> sent = lab.send(DirectorLab.CLIENT_SIDE, frame, 0, unfinished(frame));
        byte[] outer = sent.getFirst().frame();
        PacketView inner = new PacketView();
        inner.parse(MemorySegment.ofArray(outer), 34, outer.length, true);
        assertChecksumRight(inner);
        assertThat(lab.lastOffload.isNone()).isTrue();
    }

    private static DirectorLab gue(TunnelOptions.Checksum checksum) {
        DirectorLab lab = new DirectorLab();
        lab.service(VirtualService.of(KEY, SchedulerKind.RR));
        TunnelOptions options = new TunnelOptions(TunnelOptions.Type.GUE, 6080, checksum);
        lab.addServer(KEY, new RealServer(DirectorLab.server(1), PORT, ForwardingMethod.TUNNEL, 1, 0, 0, options));
        return lab;
    }

    /** What {@code gue_remcsum} of a server does: the checksum from {@code start} on goes to where {@code offset} points. */
    private static PacketView received(byte[] outer) {
        PacketView wrapper = parse(outer);
        assertChecksumRight(wrapper);
        int gue = (int) wrapper.l4 + 8;
        MemorySegment frame = wrapper.segment;
        assertThat(Wire.u8(frame, gue))
                .as("version 0, no control, 2 words of options")
                .isEqualTo(2);
        assertThat(Wire.u8(frame, gue + 1)).isEqualTo(4);
        assertThat(Wire.u16(frame, gue + 2)).as("private flags follow").isEqualTo(1);
        assertThat(Wire.i32(frame, gue + 4)).isEqualTo(0x80000000);
        int start = Wire.u16(frame, gue + 8);
        int offset = Wire.u16(frame, gue + 10);
        int inner = gue + 12;
        int checksum = Checksum.finish(Checksum.sum(frame, inner + start, outer.length - inner - start, 0));
        Wire.put16(frame, inner + offset, checksum);
        PacketView view = new PacketView();
        assertThat(view.parse(frame, inner, outer.length, true)).isEqualTo(PacketView.Parsed.OK);
        assertChecksumRight(view);
        return view;
    }

    @Test
    void anUnfinishedChecksumIsLeftToAServerThatOffersTo() {
        DirectorLab lab = gue(TunnelOptions.Checksum.REMOTE);
        byte[] frame = fromClient(Tcp.SYN, 333);
        byte[] outer = lab.send(DirectorLab.CLIENT_SIDE, frame, 0, unfinished(frame))
                .getFirst()
                .frame();
        assertThat(received(outer).transportLength()).isEqualTo(20 + 333);
        assertThat(lab.lastOffload.isNone()).isTrue();
    }

    @Test
    void aFinishedChecksumIsNotLeftToTheServer() {
        DirectorLab lab = gue(TunnelOptions.Checksum.REMOTE);
        byte[] outer = lab.send(DirectorLab.CLIENT_SIDE, fromClient(Tcp.SYN, 333))
                .getFirst()
                .frame();
        assertThat(Wire.u16(MemorySegment.ofArray(outer), 14 + 20 + 8)).isEqualTo(4);
        PacketView inner = new PacketView();
        inner.parse(MemorySegment.ofArray(outer), 14 + 20 + 12, outer.length, true);
        assertChecksumRight(inner);
        assertChecksumRight(parse(outer));
    }

    @Test
    void theSegmentsOfASuperPacketLeaveTheirChecksumsToo() {
        DirectorLab lab = gue(TunnelOptions.Checksum.REMOTE);
        lab.send(DirectorLab.CLIENT_SIDE, fromClient(Tcp.SYN, 0));
        byte[] frame = fromClient(Tcp.ACK | Tcp.PSH, 3_000);
        Offload offload = unfinished(frame).gso(Offload.GSO_TCPV4, 1400, 54);
        List<DirectorLab.Sent> sent = lab.send(DirectorLab.CLIENT_SIDE, frame, 0, offload);
        assertThat(sent).hasSize(3);
        sent.forEach(each -> received(each.frame()));
    }

    @Test
    void theOptionTakesEightBytesOfTheTunnel() {
        DirectorLab lab = gue(TunnelOptions.Checksum.REMOTE);
        byte[] fits = fromClient(Tcp.SYN, 1500 - 32 - 8 - 40);
        assertThat(lab.send(DirectorLab.CLIENT_SIDE, fits, 0, unfinished(fits))).hasSize(1);
        assertThat(lab.lastVerdict).isEqualTo(Verdict.Accepted.FORWARDED);
        byte[] tooBig = fromClient(Tcp.SYN, 1500 - 32 - 8 - 40 + 1);
        lab.send(DirectorLab.CLIENT_SIDE, tooBig, 0, unfinished(tooBig));
        assertThat(lab.lastVerdict).isEqualTo(DropReason.TOO_BIG);
    }
}
