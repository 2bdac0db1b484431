package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Wire;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Frames in, frames out, byte for byte as the kernel sent them. Free are the identification of IPv4 packets the director makes itself, the flow
 * label of its ICMPv6 errors, the source port of GUE, and the checksums over these.
 */
class WireGoldenTest {
    private static final HexFormat HEX = HexFormat.of();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nat-ipv4-tcp",
                "nat-ipv4-udp",
                "nat-ipv4-frag",
                "ftp-nat-ipv4",
                "nat-ipv4-toobig",
                "nat-ipv6-tcp",
                "nat-ipv6-udp",
                "nat-ipv6-toobig",
                "dr-ipv4-tcp",
                "dr-ipv4-udp",
                "dr-ipv4-icmp",
                "dr-ipv6-tcp",
                "dr-ipv6-udp",
                "dr-ipv6-icmp",
                "tun-ipip-ipv4-tcp",
                "tun-ipip-ipv4-udp",
                "tun-ipip-ipv4-icmp",
                "tun-ipip-ipv4-tunerr",
                "tun-ipip-ipv6-udp",
                "tun-ipip-ipv6-icmp",
                "tun-ipip-ipv6-toobig",
                "tun-ipip-ipv6-tunerr",
                "tun-gre-ipv4-tcp",
                "tun-gre-ipv4-udp",
                "tun-gre-ipv4-icmp",
                "tun-gre-ipv4-tunerr",
                "tun-gre-ipv6-udp",
                "tun-gre-ipv6-icmp",
                "tun-gre-ipv6-toobig",
                "tun-gre-ipv6-tunerr",
                "tun-gre-csum-ipv4-tcp",
                "tun-gre-csum-ipv4-toobig",
                "tun-gre-csum-ipv4-tunerr",
                "tun-gre-csum-ipv6-icmp",
                "tun-gre-csum-ipv6-tcp",
                "tun-gre-csum-ipv6-toobig",
                "tun-gre-csum-ipv6-udp",
                "tun-gue-ipv4-tcp",
                "tun-gue-ipv4-udp",
                "tun-gue-ipv4-icmp",
                "tun-gue-ipv4-tunerr",
                "tun-gue-ipv6-udp",
                "tun-gue-ipv6-icmp",
                "tun-gue-ipv6-toobig",
                "tun-gue-ipv6-tunerr",
                "tun-gue-csum-ipv4-tcp",
                "tun-gue-csum-ipv4-toobig",
                "tun-gue-csum-ipv4-tunerr",
                "tun-gue-csum-ipv6-icmp",
                "tun-gue-csum-ipv6-tcp",
                "tun-gue-csum-ipv6-toobig",
                "tun-gue-csum-ipv6-udp",
                "tun-gue-remcsum-ipv4-tcp",
                "tun-gue-remcsum-ipv4-toobig",
                "tun-gue-remcsum-ipv4-tunerr",
                "tun-gue-remcsum-ipv6-icmp",
                "tun-gue-remcsum-ipv6-tcp",
                "tun-gue-remcsum-ipv6-toobig",
                "tun-gue-remcsum-ipv6-udp"
            })
    void rewritesAsRecorded(String recording) {
        List<String> lines = DirectorLab.lines("wire/" + recording + ".txt");
        DirectorLab lab = director(recording, lines);
        int exchange = 0;
        for (int i = 1; i < lines.size(); ) {
            exchange++;
            if (recording.endsWith("toobig") && exchange == 5) {
                lab.serverMtu = 1300;
                lab.processor.network(lab.network());
            }
            String[] in = lines.get(i++).split(" ");
            List<String> expected = new ArrayList<>();
            while (i < lines.size() && lines.get(i).startsWith("out")) {
                expected.add(lines.get(i++));
            }
            int side = side(in[1]);
            List<String> actual = new ArrayList<>();
            for (DirectorLab.Sent sent : lab.send(side, HEX.parseHex(in[2]))) {
                actual.add(
                        "out " + (sent.interfaceIndex() == DirectorLab.CLIENT_SIDE ? "cl" : "be") + " " + sent.hex());
            }
            lab.advance(100);
            if (lab.lastVerdict == Verdict.Accepted.LOCAL && (expected.isEmpty() || isTheStacks(in, expected))) {
                continue;
            }
            assertThat(actual.stream().map(WireGoldenTest::withoutFreeFields).toList())
                    .as("%s exchange %d, verdict %s", recording, exchange, lab.lastVerdict)
                    .isEqualTo(expected.stream()
                            .map(WireGoldenTest::withoutFreeFields)
                            .toList());
        }
    }

    private static int side(String name) {
        return name.equals("cl") ? DirectorLab.CLIENT_SIDE : DirectorLab.SERVER_SIDE;
    }

    /** What the kernel answered or routed itself: echo replies, and errors of servers that answer their clients directly. */
    private static boolean isTheStacks(String[] in, List<String> expected) {
        String out = expected.getFirst().substring(7);
        int type = out.substring(24, 28).equals("0800") ? 68 : 108;
        boolean echo =
                out.substring(type, type + 2).equals(out.substring(24, 28).equals("0800") ? "00" : "81");
        boolean routed = in[1].equals("be") && out.substring(52).equals(in[2].substring(52));
        boolean routed6 = in[1].equals("be") && out.substring(44).equals(in[2].substring(44));
        return echo || routed || routed6;
    }

    private static DirectorLab director(String recording, List<String> lines) {
        DirectorLab lab = new DirectorLab();
        boolean ipv4 = recording.contains("ipv4");
        byte[] first = HEX.parseHex(lines.get(1).split(" ")[2]);
        PacketView view = new PacketView();
        view.parse(MemorySegment.ofArray(first), 14, first.length, true);
        int port = view.destinationPort;
        String method = lines.getFirst().substring("method ".length());
        IpAddress vip = ipv4 ? DirectorLab.VIP : DirectorLab.VIP6;
        IpAddress server = ipv4 ? DirectorLab.server(1) : DirectorLab.server6(1);
        for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
            ServiceKey key = new ServiceKey.AddressKey(protocol, vip, port);
            lab.service(VirtualService.of(key, SchedulerKind.RR));
            lab.addServer(
                    key,
                    new RealServer(
                            server,
                            method.startsWith("-m") && port != 21 ? 8080 : port,
                            method.startsWith("-m")
                                    ? ForwardingMethod.MASQUERADE
                                    : method.startsWith("-g") ? ForwardingMethod.DIRECT_ROUTE : ForwardingMethod.TUNNEL,
                            1,
                            0,
                            0,
                            options(method)));
        }
        return lab;
    }

    private static TunnelOptions options(String method) {
        TunnelOptions.Checksum checksum = method.contains("--tun-csum")
                ? TunnelOptions.Checksum.FULL
                : method.contains("remcsum") ? TunnelOptions.Checksum.REMOTE : TunnelOptions.Checksum.NONE;
        if (method.contains("gre")) {
            return new TunnelOptions(TunnelOptions.Type.GRE, 0, checksum);
        }
        return method.contains("gue") ? new TunnelOptions(TunnelOptions.Type.GUE, 6080, checksum) : TunnelOptions.IPIP;
    }

    /** The frame with the fields blanked that the kernel chooses freely. */
    private static String withoutFreeFields(String line) {
        byte[] frame = HEX.parseHex(line.substring(7));
        MemorySegment f = MemorySegment.ofArray(frame);
        PacketView view = new PacketView();
        view.parse(f, 14, frame.length, false);
        boolean outer = view.protocol == IpProtocol.IPIP
                || view.protocol == IpProtocol.IPV6
                || view.protocol == IpProtocol.GRE
                || view.protocol == IpProtocol.UDP
                        && (view.destinationPort == 6080
                                || view.ipv4
                                        && view.sourceLow
                                                == IpAddress.of("10.0.2.1").low());
        boolean ownIcmp = view.protocol == IpProtocol.ICMP
                && view.ipv4
                && (view.sourceLow == DirectorLab.VIP.low()
                        || view.sourceLow == IpAddress.of("10.0.2.1").low())
                && Ipv4.tos(f, 14) == 0xc0;
        if (view.ipv4 && (ownIcmp || outer && Ipv4.id(f, 14) != 0)) {
            Wire.put16(f, 14 + 4, 0);
            Wire.put16(f, 14 + 10, 0);
        }
        if (!view.ipv4 && view.protocol == IpProtocol.ICMPV6 && view.sourceHigh == DirectorLab.VIP6.high()) {
            // The flow label of the kernel's own packets is a hash with a key drawn at boot.
            Wire.put32(f, 14, 0x60000000);
        }
        if (outer && view.protocol == IpProtocol.UDP && view.fragmentOffset == 0) {
            Wire.put16(f, view.l4, 0);
            if (Wire.u16(f, view.l4 + 6) != 0) {
                Wire.put16(f, view.l4 + 6, 1);
            }
        }
        return line.substring(0, 7) + HEX.formatHex(frame);
    }
}
