package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data connections of masqueraded FTP servers: announced by the client and by the server, in both protocols ({@code ip_vs_ftp.c}). */
class FtpTest {
    private final DirectorLab lab = new DirectorLab();
    private IpAddress client = IpAddress.of("198.18.60.1");
    private IpAddress vip = DirectorLab.VIP;
    private IpAddress server = DirectorLab.server(1);

    private void control(boolean ipv4) {
        if (!ipv4) {
            client = IpAddress.of("fd18::60:1");
            vip = DirectorLab.VIP6;
            server = DirectorLab.server6(1);
        }
        ServiceKey key = new ServiceKey.AddressKey(Protocol.TCP, vip, 21);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(key, RealServer.of(server, 21, ForwardingMethod.MASQUERADE, 1));
        fromClient(50_000, 21, Tcp.SYN, "");
        fromServer(21, 50_000, Tcp.SYN | Tcp.ACK, "");
        fromClient(50_000, 21, Tcp.ACK, "");
    }

    private PacketView fromClient(int from, int to, int flags, String text) {
        return sent(lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.tcp(DirectorLab.CLIENT_SIDE, client, from, vip, to, flags, bytes(text))));
    }

    private PacketView fromServer(int from, int to, int flags, String text) {
        return sent(lab.send(
                DirectorLab.SERVER_SIDE,
                Frames.tcp(DirectorLab.SERVER_SIDE, server, from, client, to, flags, bytes(text))));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static PacketView sent(List<DirectorLab.Sent> frames) {
        assertThat(frames).hasSize(1);
        byte[] frame = frames.getFirst().frame();
        PacketView view = new PacketView();
        assertThat(view.parse(MemorySegment.ofArray(frame), 14, frame.length, true))
                .isEqualTo(PacketView.Parsed.OK);
        long sum = Checksum.sum(view.segment, view.l4, view.transportLength(), view.pseudoHeaderSum());
        assertThat(Checksum.fold(sum)).isEqualTo(0xffff);
        return view;
    }

    private static String text(PacketView view) {
        byte[] frame = view.segment.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        return new String(
                Arrays.copyOfRange(frame, (int) view.l4 + Tcp.HEADER, frame.length), StandardCharsets.US_ASCII);
    }

    private ConnectionEntry data(int virtualPort) {
        return lab.processor.connections(lab.nowNanos).stream()
                .filter(entry -> entry.virtualPort() == virtualPort)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"PORT 198,18,60,1,195,81\r\n", "EPRT |1|198.18.60.1|50001|\r\n", "eprt |1|198.18.60.1|50001|\r\n"
            })
    void theServerConnectsFromTheServicesDataPort(String command) {
        control(true);
        assertThat(text(fromClient(50_000, 21, Tcp.ACK | Tcp.PSH, command))).isEqualTo(command);
        ConnectionEntry expected = data(20);
        assertThat(expected.state()).isEqualTo("LISTEN");
        assertThat(expected.expiresSeconds()).isEqualTo(120);
        assertThat(expected.destinationPort()).isEqualTo(20);
        PacketView syn = fromServer(20, 50_001, Tcp.SYN, "");
        assertThat(syn.sourceLow).isEqualTo(vip.low());
        assertThat(syn.sourcePort).isEqualTo(20);
        PacketView answer = fromClient(50_001, 20, Tcp.SYN | Tcp.ACK, "");
        assertThat(answer.destinationLow).isEqualTo(server.low());
        assertThat(answer.destinationPort).isEqualTo(20);
    }

    @Test
    void theExtendedCommandWorksInIpv6() {
        control(false);
        fromClient(50_000, 21, Tcp.ACK | Tcp.PSH, "EPRT |2|fd18::60:1|50001|\r\n");
        PacketView syn = fromServer(20, 50_001, Tcp.SYN, "");
        assertThat(syn.sourceHigh).isEqualTo(vip.high());
        assertThat(syn.sourceLow).isEqualTo(vip.low());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theClientConnectsToThePortOfAnExtendedPassiveReply(boolean ipv4) {
        control(ipv4);
        fromClient(50_000, 21, Tcp.ACK | Tcp.PSH, "EPSV\r\n");
        String reply = "229 Entering Extended Passive Mode (|||5001|)\r\n";
        assertThat(text(fromServer(21, 50_000, Tcp.ACK | Tcp.PSH, reply))).isEqualTo(reply);
        assertThat(data(5001).clientPort()).isZero();
        PacketView syn = fromClient(50_001, 5001, Tcp.SYN, "");
        assertThat(syn.destinationLow).isEqualTo(server.low());
        assertThat(syn.destinationPort).isEqualTo(5001);
        assertThat(data(5001).clientPort()).isEqualTo(50_001);
        assertThat(fromServer(5001, 50_001, Tcp.SYN | Tcp.ACK, "").sourceLow).isEqualTo(vip.low());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "227 Entering Passive Mode (10,0,2,11,19,137)\r\n",
                "227 Entering Passive Mode 10,0,2,11,19,137\r\n"
            })
    void aPassiveReplyNamesTheService(String reply) {
        control(true);
        fromClient(50_000, 21, Tcp.ACK | Tcp.PSH, "PASV\r\n");
        assertThat(text(fromServer(21, 50_000, Tcp.ACK | Tcp.PSH, reply)))
                .isEqualTo(reply.replace("10,0,2,11", "10,0,1,100"));
        assertThat(fromClient(50_001, 5001, Tcp.SYN, "").destinationPort).isEqualTo(5001);
        // Behind the longer line the numbers of the server's bytes are shifted, and shifted back in acknowledgements.
        PacketView next = fromServer(21, 50_000, Tcp.ACK | Tcp.PSH, "x");
        assertThat(Tcp.sequence(next.segment, next.l4)).isEqualTo(1000);
    }

    /** Replies that get longer and shorter, one after the other, with numbers shifted both ways; the last one comes twice. */
    @Test
    void numbersAreShiftedOverSeveralReplies() {
        control(true);
        String longer = "229 ok (|1|10.0.2.11|5001|)\r\n"; // becomes (|||5001|), 10 bytes less
        String shorter = "227 (10,0,2,11,19,137)\r\n"; // becomes 10,0,1,100, one byte more
        ask("EPSV\r\n", 2000, 2000);
        answer(longer, 2000, "229 ok (|||5001|)\r\n", 2000);
        int end1 = 2000 + longer.length();
        assertThat(acknowledged(2000, 0)).as("nothing of the reply has come").isEqualTo(2000);
        assertThat(acknowledged(end1 - 10, 0)).isEqualTo(end1);
        assertThat(acknowledged(end1 - 10, end1 - 10 + 100))
                .as("what was received out of order")
                .isEqualTo(end1 * 1_000_000L + end1 + 100);
        ask("PASV\r\n", end1 - 10, end1);
        answer(shorter, end1, shorter.replace("2,11", "1,100"), end1 - 10);
        int end2 = end1 + shorter.length();
        assertThat(acknowledged(end1 - 10, 0)).isEqualTo(end1);
        answer(shorter, end1, shorter.replace("2,11", "1,100"), end1 - 10);
        assertThat(acknowledged(end2 - 9, 0)).isEqualTo(end2);
        answer("226 done\r\n", end2, "226 done\r\n", end2 - 9);
        assertThat(data(5001).state()).isEqualTo("LISTEN");
    }

    private void ask(String command, long acknowledgement, long expected) {
        PacketView sent = fromClientAt(command, acknowledgement, 0);
        assertThat(text(sent)).isEqualTo(command);
        assertThat(Tcp.acknowledgement(sent.segment, sent.l4)).isEqualTo(expected);
    }

    private void answer(String reply, long at, String told, long sequence) {
        byte[] frame = Frames.tcp(DirectorLab.SERVER_SIDE, server, 21, client, 50_000, Tcp.ACK | Tcp.PSH, bytes(reply));
        Wire.put32(MemorySegment.ofArray(frame), 34 + 4, (int) at);
        PacketView sent = sent(lab.send(DirectorLab.SERVER_SIDE, summed(frame)));
        assertThat(text(sent)).isEqualTo(told);
        assertThat(Tcp.sequence(sent.segment, sent.l4)).isEqualTo(sequence);
    }

    /** The number the server sees acknowledged; with a selective one, a million times that and the end of what was selected. */
    private long acknowledged(long acknowledgement, long selectedEnd) {
        PacketView sent = fromClientAt("", acknowledgement, selectedEnd);
        long seen = Tcp.acknowledgement(sent.segment, sent.l4);
        return selectedEnd == 0 ? seen : seen * 1_000_000 + Wire.u32(sent.segment, sent.l4 + 20 + 7);
    }

    private PacketView fromClientAt(String command, long acknowledgement, long selectedEnd) {
        byte[] options = new byte[selectedEnd == 0 ? 0 : 12];
        byte[] frame = Frames.tcp(
                DirectorLab.CLIENT_SIDE,
                client,
                50_000,
                vip,
                21,
                Tcp.ACK | Tcp.PSH,
                selectedEnd == 0 ? bytes(command) : options);
        MemorySegment s = MemorySegment.ofArray(frame);
        Wire.put32(s, 34 + 8, (int) acknowledgement);
        if (selectedEnd != 0) {
            Wire.put8(s, 34 + 12, 8 << 4);
            Wire.put8(s, 34 + 20, 1); // one no-operation, so that the numbers stand at odd places
            Wire.put8(s, 34 + 21, 5);
            Wire.put8(s, 34 + 22, 10);
            Wire.put32(s, 34 + 23, (int) selectedEnd - 50);
            Wire.put32(s, 34 + 27, (int) selectedEnd);
        }
        return sent(lab.send(DirectorLab.CLIENT_SIDE, summed(frame)));
    }

    private static byte[] summed(byte[] frame) {
        PacketView view = new PacketView();
        view.parse(MemorySegment.ofArray(frame), 14, frame.length, true);
        Segmenter.writeTransportChecksum(view);
        return frame;
    }

    @Test
    void eachWishIsAnsweredOnce() {
        control(true);
        fromClient(50_000, 21, Tcp.ACK | Tcp.PSH, "TYPE I\r\nPASV\r\n");
        String reply = "227 Entering Passive Mode (10,0,2,11,19,137)\r\n";
        PacketView first = sent(lab.send(
                DirectorLab.SERVER_SIDE,
                Frames.tcp(DirectorLab.SERVER_SIDE, server, 21, client, 50_000, Tcp.ACK, bytes(reply))));
        assertThat(text(first)).contains("10,0,1,100");
        byte[] later = Frames.tcp(DirectorLab.SERVER_SIDE, server, 21, client, 50_000, Tcp.ACK, bytes(reply));
        Wire.put32(MemorySegment.ofArray(later), 34 + 4, 5000);
        assertThat(text(sent(lab.send(DirectorLab.SERVER_SIDE, summed(later))))).isEqualTo(reply);
    }

    @Test
    void aReplyNobodyAskedForStaysAsItIs() {
        control(true);
        String reply = "227 Entering Passive Mode (10,0,2,11,19,137)\r\n";
        assertThat(text(fromServer(21, 50_000, Tcp.ACK | Tcp.PSH, reply))).isEqualTo(reply);
        assertThat(lab.processor.connections(lab.nowNanos)).hasSize(1);
    }

    @Test
    void theControlConnectionLivesAsLongAsItsDataConnection() {
        control(true);
        fromClient(50_000, 21, Tcp.ACK | Tcp.PSH, "PORT 198,18,60,1,195,81\r\n");
        fromClient(50_000, 21, Tcp.RST, "");
        lab.advance(11_000);
        assertThat(lab.processor.connections(lab.nowNanos))
                .as("closed for ten seconds, then looked at again after a minute")
                .filteredOn(entry -> entry.virtualPort() == 21)
                .singleElement()
                .satisfies(entry -> assertThat(entry.expiresSeconds()).isBetween(58L, 60L));
    }
}
