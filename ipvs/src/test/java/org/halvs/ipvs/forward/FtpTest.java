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
