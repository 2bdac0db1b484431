package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServerStats;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/**
 * Broken and random frames: no exception, no byte touched outside the frame's memory, and figures that add up. The system property
 * {@code halvs.fuzz.frames} asks for more than the quick run.
 */
class FuzzTest {
    private static final int FRAMES = Integer.getInteger("halvs.fuzz.frames", 80_000);

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(2026);
    private final FrameMutator mutator = new FrameMutator(random);
    private final DirectorLab lab = new DirectorLab();

    @Test
    void survivesWhateverComes() {
        services();
        List<byte[]> seeds = seeds();
        long dropped = 0;
        for (int i = 0; i < FRAMES; i++) {
            byte[] frame = mutator.mutated(seeds.get(random.nextInt(seeds.size())));
            int side = random.nextBoolean() ? DirectorLab.CLIENT_SIDE : DirectorLab.SERVER_SIDE;
            try {
                lab.send(side, frame, random.nextInt(20) == 0 ? 9 : 0, offload(frame));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("frame " + i + ": " + HexFormat.of().formatHex(frame), e);
            }
            dropped += lab.lastVerdict instanceof DropReason ? 1 : 0;
            if (random.nextInt(50) == 0) {
                lab.advance(random.nextInt(5000));
            }
        }
        assertThat(lab.processor.stats().drops().stream()
                        .mapToLong(each -> each.packets())
                        .sum())
                .isEqualTo(dropped);
        lab.advance(4000_000);
        assertThat(lab.processor.connections(lab.nowNanos)).isEmpty();
        lab.processor.stats().services().forEach(service -> {
            for (ServerStats server : service.servers()) {
                assertThat(server.active()).isZero();
                assertThat(server.inactive()).isZero();
                assertThat(server.persistent()).isZero();
            }
        });
    }

    private void services() {
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.NAT_ICMP_SEND, 1));
        for (IpAddress vip : List.of(DirectorLab.VIP, DirectorLab.VIP6)) {
            int port = 2036;
            for (ForwardingMethod method :
                    List.of(ForwardingMethod.MASQUERADE, ForwardingMethod.DIRECT_ROUTE, ForwardingMethod.TUNNEL)) {
                for (Protocol protocol : Protocol.values()) {
                    ServiceKey key = new ServiceKey.AddressKey(protocol, vip, port);
                    Optional<Persistence> persistence = protocol == Protocol.UDP
                            ? Optional.of(new Persistence(60, vip.isIpv4() ? -1 : 128, Optional.empty()))
                            : Optional.empty();
                    lab.service(new VirtualService(key, SchedulerKind.WLC, List.of(), persistence, false));
                    IpAddress server = vip.isIpv4() ? DirectorLab.server(1) : DirectorLab.server6(1);
                    lab.addServer(key, new RealServer(server, port, method, 1, 0, 0, TunnelOptions.IPIP));
                }
                port++;
            }
        }
        ServiceKey marked = new ServiceKey.FirewallMark(IpAddress.Family.IPV4, 9);
        lab.service(VirtualService.of(marked, SchedulerKind.SH));
        lab.addServer(marked, RealServer.of(DirectorLab.server(2), 0, ForwardingMethod.DIRECT_ROUTE, 1));
    }

    private static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (String recording : List.of(
                "nat-ipv4-tcp",
                "nat-ipv4-udp",
                "nat-ipv4-frag",
                "nat-ipv4-toobig",
                "nat-ipv6-tcp",
                "nat-ipv6-udp",
                "dr-ipv4-icmp",
                "dr-ipv6-icmp",
                "tun-ipip-ipv4-icmp",
                "tun-ipip-ipv4-tunerr",
                "tun-gre-ipv4-tunerr",
                "tun-gue-ipv4-tunerr",
                "tun-ipip-ipv6-icmp")) {
            for (String line : DirectorLab.lines("/org/halvs/ipvs/replay/wire/" + recording + ".script")) {
                if (line.startsWith("frame ")) {
                    seeds.add(HexFormat.of().parseHex(line.split(" ")[2]));
                }
            }
        }
        return seeds;
    }

    private Offload offload(byte[] frame) {
        Offload offload = new Offload();
        if (random.nextInt(8) == 0) {
            offload.checksumPartial(random.nextInt(100), random.nextInt(40));
        }
        if (random.nextInt(8) == 0) {
            offload.gso(
                    random.nextBoolean() ? Offload.GSO_TCPV4 : Offload.GSO_UDP_L4,
                    1 + random.nextInt(frame.length + 2),
                    0);
        }
        return offload;
    }
}
