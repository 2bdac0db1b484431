package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServerStats;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/** States, timeouts and counters after every recorded sequence of packets, and connections over the thresholds. */
class StateGoldenTest {
    private static final IpAddress CLIENT = IpAddress.of("198.18.7.7");
    private static final int PORT = 2100;
    private static final Map<String, Integer> FLAGS = Map.of(
            "S", Tcp.SYN,
            "SA", Tcp.SYN | Tcp.ACK,
            "A", Tcp.ACK,
            "F", Tcp.FIN,
            "FA", Tcp.FIN | Tcp.ACK,
            "R", Tcp.RST,
            "RA", Tcp.RST | Tcp.ACK);
    private static final Map<String, Integer> CHUNKS = Map.ofEntries(
            Map.entry("DATA", Sctp.DATA),
            Map.entry("INIT", Sctp.INIT),
            Map.entry("INIT_ACK", Sctp.INIT_ACK),
            Map.entry("SACK", 3),
            Map.entry("HEARTBEAT", 4),
            Map.entry("HEARTBEAT_ACK", 5),
            Map.entry("ABORT", Sctp.ABORT),
            Map.entry("SHUTDOWN", Sctp.SHUTDOWN),
            Map.entry("SHUTDOWN_ACK", Sctp.SHUTDOWN_ACK),
            Map.entry("ERROR", Sctp.ERROR),
            Map.entry("COOKIE_ECHO", Sctp.COOKIE_ECHO),
            Map.entry("COOKIE_ACK", Sctp.COOKIE_ACK),
            Map.entry("SHUTDOWN_COMPLETE", Sctp.SHUTDOWN_COMPLETE));

    @Test
    void tcpFollowsTheNormalTable() {
        replay("tcp_fsm_normal.txt", Protocol.TCP, 0);
    }

    @Test
    void tcpFollowsTheSecureTable() {
        replay("tcp_fsm_secure.txt", Protocol.TCP, 3);
    }

    @Test
    void sctpFollowsItsTable() {
        replay("sctp_fsm.txt", Protocol.SCTP, 0);
    }

    private static void replay(String resource, Protocol protocol, int secure) {
        ServiceKey key = new ServiceKey.AddressKey(protocol, DirectorLab.VIP, PORT);
        int rows = 0;
        for (String line : DirectorLab.lines(resource)) {
            String[] words = line.split(" ");
            boolean nat = words[0].equals("nat");
            DirectorLab lab = new DirectorLab();
            lab.processor.settings(
                    IpvsSettings.DEFAULT.with(Setting.CONN_REUSE_MODE, 0).with(Setting.SECURE_TCP, secure));
            lab.service(VirtualService.of(key, SchedulerKind.RR));
            lab.addServer(
                    key,
                    RealServer.of(
                            DirectorLab.server(1),
                            PORT,
                            nat ? ForwardingMethod.MASQUERADE : ForwardingMethod.DIRECT_ROUTE,
                            1));
            for (String event : words[1].split(",")) {
                boolean in = event.charAt(0) == 'i';
                int side = in ? DirectorLab.CLIENT_SIDE : DirectorLab.SERVER_SIDE;
                IpAddress from = in ? CLIENT : DirectorLab.server(1);
                IpAddress to = in ? DirectorLab.VIP : CLIENT;
                int fromPort = in ? 1234 : PORT;
                int toPort = in ? PORT : 1234;
                String what = event.substring(1);
                lab.send(
                        side,
                        protocol == Protocol.TCP
                                ? Frames.tcp(side, from, fromPort, to, toPort, FLAGS.getOrDefault(what, 0))
                                : Frames.sctp(side, from, fromPort, to, toPort, CHUNKS.getOrDefault(what, 0)));
            }
            List<ConnectionEntry> entries = lab.processor.connections(lab.nowNanos);
            assertThat(entries).as(line).hasSize(1);
            ConnectionEntry entry = entries.getFirst();
            assertThat(entry.state()).as(line).isEqualTo(words[2]);
            assertThat(entry.expiresSeconds())
                    .as(line)
                    .isBetween(Long.parseLong(words[3]), Long.parseLong(words[3]) + 1);
            ServerStats server = lab.stats(key).servers().getFirst();
            int active = Integer.parseInt(words[4]);
            int inactive = Integer.parseInt(words[5]);
            if (active + inactive == 1) {
                // In the others older connections of the recording ended meanwhile.
                assertThat(server.active()).as(line).isEqualTo(active);
                assertThat(server.inactive()).as(line).isEqualTo(inactive);
            }
            rows++;
        }
        assertThat(rows).isGreaterThan(100);
    }

    @Test
    void thresholdsOverloadAndRecoverAsRecorded() {
        ServiceKey key = new ServiceKey.AddressKey(Protocol.UDP, DirectorLab.VIP, PORT);
        DirectorLab lab = new DirectorLab();
        for (String line : DirectorLab.lines("thresholds.txt")) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "trace" -> {
                    lab = new DirectorLab();
                    lab.service(
                            VirtualService.of(key, SchedulerKind.of(words[1]).orElseThrow()));
                    RealServer limited = RealServer.of(DirectorLab.server(1), PORT, ForwardingMethod.MASQUERADE, 3);
                    lab.addServer(
                            key,
                            new RealServer(
                                    limited.address(),
                                    PORT,
                                    limited.method(),
                                    3,
                                    Integer.parseInt(words[2]),
                                    Integer.parseInt(words[3]),
                                    limited.tunnel()));
                    lab.addServer(key, RealServer.of(DirectorLab.server(2), PORT, ForwardingMethod.MASQUERADE, 1));
                }
                case "new" -> {
                    assertThat(lab.result(datagram(lab, Integer.parseInt(words[1]))))
                            .as(line)
                            .isEqualTo(words[2]);
                    assertThat(lab.counts(key)).as(line).isEqualTo(words[3]);
                }
                case "expired" -> {
                    // Every other connection is kept alive by a packet shortly before its time.
                    for (int i = 0; i < 2; i++) {
                        lab.advance(149_500);
                        for (ConnectionEntry entry : lab.processor.connections(lab.nowNanos)) {
                            if (entry.clientPort() != Integer.parseInt(words[1])) {
                                datagram(lab, entry.clientPort());
                            }
                        }
                    }
                    lab.advance(2_000);
                    assertThat(lab.counts(key)).as(line).isEqualTo(words[2]);
                }
                default -> throw new AssertionError(line);
            }
        }
    }

    private static List<DirectorLab.Sent> datagram(DirectorLab lab, int port) {
        return lab.send(
                DirectorLab.CLIENT_SIDE,
                Frames.udp(DirectorLab.CLIENT_SIDE, CLIENT, port, DirectorLab.VIP, PORT, new byte[] {1}));
    }
}
