package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/** The recorded maps of sh, dh and mh, and the traces of lblc and lblcr. */
class HashingGoldenTest {
    private static final byte[] DATA = {'x'};

    private DirectorLab lab = new DirectorLab();
    private ServiceKey key = new ServiceKey.FirewallMark(IpAddress.Family.IPV4, 9);
    private long mark;

    @Test
    void hashesEveryAddressAsRecorded() {
        String map = "";
        int rows = 0;
        for (String line : DirectorLab.lines("hash_maps.txt")) {
            String[] words = line.split(" ");
            if (words[0].equals("map")) {
                map = line;
                beginMap(words);
                continue;
            }
            IpAddress source = IpAddress.of(words[0]);
            IpAddress destination = IpAddress.of(words[2]);
            byte[] frame = Frames.udp(
                    DirectorLab.CLIENT_SIDE,
                    source,
                    Integer.parseInt(words[1]),
                    destination,
                    Integer.parseInt(words[3]),
                    DATA);
            lab.nowNanos += 2_000_000;
            String result = lab.result(lab.send(DirectorLab.CLIENT_SIDE, frame, mark, new Offload()));
            assertThat(result).as("%s: %s", map, line).isEqualTo(words[4]);
            rows++;
        }
        assertThat(rows).isGreaterThan(7000);
    }

    private void beginMap(String[] words) {
        lab = new DirectorLab();
        IpAddress.Family family = words[6].equals("4") ? IpAddress.Family.IPV4 : IpAddress.Family.IPV6;
        boolean byAddress = words[7].startsWith("8000");
        mark = byAddress ? 0 : 9;
        key = byAddress
                ? new ServiceKey.AddressKey(Protocol.UDP, DirectorLab.VIP, 5353)
                : new ServiceKey.FirewallMark(family, 9);
        SchedulerKind kind = SchedulerKind.of(words[1]).orElseThrow();
        List<SchedulerFlag> flags = new ArrayList<>();
        for (String flag : words[2].split(",")) {
            SchedulerFlag.of(kind, flag).ifPresent(flags::add);
        }
        lab.service(new VirtualService(key, kind, flags, Optional.empty(), true));
        for (String name : words[5].split(",")) {
            add(name, weight(words[3], name), byAddress);
        }
        if (!words[4].equals("-")) {
            for (String edit : words[4].split(",")) {
                String name = edit.substring(0, edit.indexOf('='));
                lab.editServer(key, server(name, weight(words[4], name), byAddress));
            }
        }
    }

    private void add(String name, int weight, boolean byAddress) {
        lab.addServer(key, server(name, weight, byAddress));
    }

    private RealServer server(String name, int weight, boolean byAddress) {
        int number = Integer.parseInt(name.substring(2));
        IpAddress address =
                key.family() == IpAddress.Family.IPV4 ? DirectorLab.server(number) : DirectorLab.server6(number);
        return RealServer.of(
                address,
                byAddress ? 8000 + number : 0,
                byAddress ? ForwardingMethod.MASQUERADE : ForwardingMethod.DIRECT_ROUTE,
                weight);
    }

    private static int weight(String weights, String name) {
        for (String each : weights.split(",")) {
            if (each.startsWith(name + "=")) {
                return Integer.parseInt(each.substring(name.length() + 1));
            }
        }
        throw new AssertionError(name + " in " + weights);
    }

    @Test
    void remembersDestinationsAsRecorded() {
        String trace = "";
        for (String line : DirectorLab.lines("sched_lblc_lblcr.txt")) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "trace" -> {
                    trace = line;
                    lab = new DirectorLab();
                    mark = Long.parseLong(words[4]);
                    key = new ServiceKey.FirewallMark(IpAddress.Family.IPV4, mark);
                    lab.service(
                            VirtualService.of(key, SchedulerKind.of(words[1]).orElseThrow()));
                    for (String name : words[3].split(",")) {
                        add(name, weight(words[2], name), false);
                    }
                }
                case "edit" -> lab.editServer(key, server(words[1], Integer.parseInt(words[3]), false));
                case "delete" ->
                    lab.removeServer(key, server(words[1], 1, false).address());
                default -> {
                    assertThat(lblcEvent(words)).as("%s: %s", trace, line).isEqualTo(words[3]);
                    assertThat(lab.counts(key)).as("%s: %s", trace, line).isEqualTo(words[4]);
                }
            }
        }
    }

    private String lblcEvent(String[] words) {
        return switch (words[0]) {
            case "syn" -> lblcPacket(words, Tcp.SYN);
            case "open" -> {
                String result = lblcPacket(words, Tcp.SYN);
                if (result.startsWith("rs")) {
                    lblcPacket(words, Tcp.ACK);
                }
                yield result;
            }
            case "close" -> lblcPacket(words, Tcp.FIN | Tcp.ACK);
            case "rst" -> lblcPacket(words, Tcp.RST);
            default -> throw new AssertionError(words[0]);
        };
    }

    private String lblcPacket(String[] words, int flags) {
        String[] client = words[1].split(":");
        String[] destination = words[2].split(":");
        byte[] frame = Frames.tcp(
                DirectorLab.CLIENT_SIDE,
                IpAddress.of(client[0]),
                Integer.parseInt(client[1]),
                IpAddress.of(destination[0]),
                Integer.parseInt(destination[1]),
                flags);
        return lab.result(lab.send(DirectorLab.CLIENT_SIDE, frame, mark, new Offload()));
    }
}
