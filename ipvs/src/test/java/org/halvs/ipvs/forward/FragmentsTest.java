package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How datagrams that come in fragments leave: in the same ones where they fit, with what the kernel keeps of their headers. */
class FragmentsTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.70.1");
    private static final IpAddress CLIENT6 = IpAddress.of("fd18::70:1");
    private static final int PORT = 2020;

    private final DirectorLab lab = new DirectorLab();

    private void serve(boolean ipv4, ForwardingMethod method) {
        ServiceKey key = new ServiceKey.AddressKey(Protocol.UDP, ipv4 ? DirectorLab.VIP : DirectorLab.VIP6, PORT);
        lab.service(VirtualService.of(key, SchedulerKind.RR));
        lab.addServer(key, RealServer.of(ipv4 ? DirectorLab.server(1) : DirectorLab.server6(1), PORT, method, 1));
    }

    private static byte[] datagram(boolean ipv4, int payload) {
        return Frames.udp(
                DirectorLab.CLIENT_SIDE,
                ipv4 ? CLIENT : CLIENT6,
                4000,
                ipv4 ? DirectorLab.VIP : DirectorLab.VIP6,
                PORT,
                new byte[payload]);
    }

    /** Cuts a frame behind its IP header (and {@code extra} bytes of extension headers) at the given places. */
    private static List<byte[]> cut(byte[] frame, int extra, int flags, int... ends) {
        boolean ipv4 = frame[12] == 0x08;
        int headers = 14 + (ipv4 ? Ipv4.HEADER : Ipv6.HEADER + extra);
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        for (int end : ends) {
            int added = ipv4 ? 0 : Ipv6.FRAGMENT_HEADER;
            byte[] piece = Arrays.copyOf(frame, headers + added + end - from);
            System.arraycopy(frame, headers + from, piece, headers + added, end - from);
            MemorySegment s = MemorySegment.ofArray(piece);
            int more = headers + end == frame.length ? 0 : 1;
            if (ipv4) {
                Wire.put16(s, 16, piece.length - 14);
                Wire.put16(s, 20, flags | more << 13 | from / 8);
                Ipv4.writeChecksum(s, 14);
            } else {
                int next = extra == 0 ? 20 : 54;
                Wire.put16(s, 18, piece.length - 14 - Ipv6.HEADER);
                Wire.put32(s, headers, piece[next] << 24 | from | more);
                Wire.put32(s, headers + 4, 4711);
                piece[next] = Ipv6.FRAGMENT;
            }
            pieces.add(piece);
            from = end;
        }
        return pieces;
    }

    private List<DirectorLab.Sent> sendAll(List<byte[]> frames) {
        List<DirectorLab.Sent> sent = new ArrayList<>();
        frames.forEach(frame -> sent.addAll(lab.send(DirectorLab.CLIENT_SIDE, frame)));
        return sent;
    }

    /** Offset and payload of each frame, {@code +} where more follow. */
    private static String shape(List<DirectorLab.Sent> frames) {
        List<String> told = new ArrayList<>();
        for (DirectorLab.Sent each : frames) {
            byte[] frame = each.frame();
            PacketView view = new PacketView();
            view.parse(MemorySegment.ofArray(frame), 14, frame.length, true);
            told.add(view.fragmentOffset + ":" + view.transportLength() + (view.moreFragments ? "+" : ""));
        }
        return String.join(" ", told);
    }

    @ParameterizedTest
    @CsvSource({
        "true,  MASQUERADE,   0,    false, 0:800+ 800:1400+ 2200:808",
        "true,  MASQUERADE,   0,    true,  0:800+ 800:1400+ 2200:808",
        "true,  DIRECT_ROUTE, 0,    true,  0:800+ 800:1400+ 2200:808",
        "true,  MASQUERADE,   1300, false, 0:1280+ 1280:1280+ 2560:448",
        "true,  TUNNEL,       0,    false, 0:1400+ 1400:1400+ 2800:228",
        "false, MASQUERADE,   0,    true,  0:1240+ 1240:1240+ 2480:528",
        "false, TUNNEL,       0,    false, 0:1240+ 1240:1240+ 2480:568",
    })
    void theyLeaveAsTheyCame(boolean ipv4, ForwardingMethod method, int mtu, boolean reversed, String expected) {
        if (mtu > 0) {
            lab.serverMtu = mtu;
            lab.processor.network(lab.network());
        }
        serve(ipv4, method);
        int[] ends = ipv4 ? new int[] {800, 2200, 3008} : new int[] {1240, 2480, 3008};
        List<byte[]> pieces = cut(datagram(ipv4, 3000), 0, 0, ends);
        if (reversed) {
            Collections.reverse(pieces);
        }
        assertThat(shape(sendAll(pieces))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, 0:1480+ 1480:528", "1, drop too_big", "2, 0:1480+ 1480:528"})
    void onlyTheLargestOneForbids(int forbidding, String expected) {
        serve(true, ForwardingMethod.MASQUERADE);
        List<byte[]> pieces = cut(datagram(true, 2000), 0, 0, 1480, 2008);
        if (forbidding > 0) {
            MemorySegment s = MemorySegment.ofArray(pieces.get(forbidding - 1));
            Wire.put8(s, 20, Wire.u8(s, 20) | 0x40);
            Ipv4.writeChecksum(s, 14);
        }
        List<DirectorLab.Sent> sent = sendAll(pieces);
        assertThat(lab.lastVerdict == DropReason.TOO_BIG ? "drop too_big" : shape(sent))
                .isEqualTo(expected);
    }

    /** The marks of two fragments, and that of the whole. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "2, 3, 3", "1, 3, 3", "3, 2, 3", "1, 2, 1", "0, 3, drop", "0, 2, drop"})
    void congestionMarksAreJoined(int first, int second, String expected) {
        for (boolean ipv4 : new boolean[] {true, false}) {
            serve(ipv4, ForwardingMethod.DIRECT_ROUTE);
            List<byte[]> pieces = cut(datagram(ipv4, 2000), 0, 0, 1440, 2008);
            int[] marks = {first, second};
            for (int i = 0; i < 2; i++) {
                MemorySegment s = MemorySegment.ofArray(pieces.get(i));
                Wire.put8(s, 15, ipv4 ? marks[i] : marks[i] << 4);
                if (ipv4) {
                    Ipv4.writeChecksum(s, 14);
                }
            }
            List<DirectorLab.Sent> sent = sendAll(pieces);
            String mark =
                    sent.isEmpty() ? "drop" : Integer.toString((sent.getFirst().frame()[15] & 255) >> (ipv4 ? 0 : 4));
            assertThat(mark).isEqualTo(expected);
        }
    }

    /** The header of a fragment that is none goes; headers in front of it stay in each. */
    @ParameterizedTest
    @CsvSource({
        "0, 108,  108,  0:108",
        "8, 108,  108,  0:108",
        "0, 1208, 1000, 0:1000+ 1000:208",
        "0, 2008, 1400, 0:1400+ 1400:608",
        "8, 2008, 1400, 0:1400+ 1400:608"
    })
    void headersOfIpv6(int extra, int length, int firstEnd, String expected) {
        serve(false, ForwardingMethod.DIRECT_ROUTE);
        byte[] plain = datagram(false, length - 8);
        byte[] frame = plain;
        if (extra > 0) {
            frame = new byte[plain.length + 8];
            System.arraycopy(plain, 0, frame, 0, 54);
            System.arraycopy(plain, 54, frame, 62, plain.length - 54);
            frame[54] = plain[20];
            frame[56] = 1; // a padding option of six bytes
            frame[57] = 4;
            frame[20] = Ipv6.DESTINATION_OPTIONS;
        }
        int[] ends = firstEnd == length ? new int[] {length} : new int[] {firstEnd, length};
        List<DirectorLab.Sent> sent = sendAll(cut(frame, extra, 0, ends));
        assertThat(shape(sent)).isEqualTo(expected);
        for (DirectorLab.Sent each : sent) {
            byte first = each.frame()[20];
            assertThat(first)
                    .isEqualTo((byte) (extra > 0 ? Ipv6.DESTINATION_OPTIONS : ends.length == 1 ? 17 : Ipv6.FRAGMENT));
        }
    }
}
