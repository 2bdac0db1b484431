package org.halvs.director.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.director.PlanText;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

class ListingReaderTest {
    private static final String LISTING = """
            IP Virtual Server version 1.2.1 (size=4096)
            Prot LocalAddress:Port Scheduler Flags
              -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
            TCP  192.0.2.10:80 wlc persistent 300 mask 255.255.255.0
              -> 127.0.0.2:80                 Route   2      17         4        \s
              -> 127.0.0.3:8080               Masq    0      0          0        \s
              -> 127.0.0.4:80                 Local   1      0          0        \s
            UDP  192.0.2.10:53 sh (sh-fallback,sh-port) ops
              -> 127.0.0.2:53                 Tunnel  65535  0          0        \s
            UDP  192.0.2.10:5060 rr persistent 60 pe sip ops
            TCP  [2001:db8::10]:9000 wrr persistent 60 mask 64
              -> [2001:db8:1::2]:9000         Route   1      0          0        \s
            SCTP 192.0.2.10:99 rr
            TCP  192.0.2.11:80 homemade
              -> 127.0.0.2:80                 Route   1      0          0        \s
            FWM  3 rr
            FWM  4294967295 IPv6 rr
              -> [2001:db8:1::3]:0            Masq    7      0          0        \s
            """;

    private static final String THRESHOLDS = """
            IP Virtual Server version 1.2.1 (size=4096)
            Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn
              -> RemoteAddress:Port
            TCP  192.0.2.10:80 wlc persistent 300 mask 255.255.255.0
              -> 127.0.0.2:80                 100        75         17         4        \s
              -> 127.0.0.3:8080               0          0          0          0        \s
            """;

    @Test
    void readsEveryKindOfLine() {
        ObservedTable table = ListingReader.read(LISTING, THRESHOLDS);

        assertThat(table.services()).hasSize(8);
        List<String> lines = table.services().stream()
                .map(service -> service.service()
                        .map(known -> String.join(" ", CommandText.addService(known)))
                        .orElse("unknown " + service.key()))
                .toList();
        assertThat(lines)
                .containsExactly(
                        "-A -t 192.0.2.10:80 -s wlc -p 300 -M 255.255.255.0",
                        "-A -u 192.0.2.10:53 -o -s sh -b sh-fallback,sh-port",
                        "-A -u 192.0.2.10:5060 -o -s rr -p 60 --pe sip",
                        "-A -t [2001:db8::10]:9000 -s wrr -p 60 -M 64",
                        "-A --sctp-service 192.0.2.10:99 -s rr",
                        "unknown TCP 192.0.2.11:80",
                        "-A -f 3 -s rr",
                        "-A -f 4294967295 -6 -s rr");
        List<String> servers = table.services().stream()
                .flatMap(service -> service.servers().stream()
                        .map(server -> String.join(" ", CommandText.addServer(service.key(), server))))
                .toList();
        assertThat(servers)
                .containsExactly(
                        "-a -t 192.0.2.10:80 -x 100 -y 75 -r 127.0.0.2:80 -g -w 2",
                        "-a -t 192.0.2.10:80 -r 127.0.0.3:8080 -m -w 0",
                        "-a -t 192.0.2.10:80 -x 0 -y 0 -r 127.0.0.4:80 -g -w 1",
                        "-a -u 192.0.2.10:53 -x 0 -y 0 -r 127.0.0.2:53 -i -w 65535",
                        "-a -t [2001:db8::10]:9000 -x 0 -y 0 -r [2001:db8:1::2]:9000 -g -w 1",
                        "-a -t 192.0.2.11:80 -x 0 -y 0 -r 127.0.0.2:80 -g -w 1",
                        "-a -f 4294967295 -6 -x 0 -y 0 -r [2001:db8:1::3]:0 -m -w 7");
        assertThat(table.services().getFirst().servers().getLast().method()).isEqualTo(ForwardingMethod.LOCAL);
    }

    @Test
    void survivesGarbage() {
        assertThat(ListingReader.read("-> x\nTCP\nTCP a:b c\nFWM x y\nFWM 0 rr\n  -> \n", "junk\n-> 1 2 3 4")
                        .services())
                .isEmpty();
    }

    @Test
    void readsFigures() {
        ForwardingTable table = PlanText.table(List.of("TCP 192.0.2.10:80 wlc", "  -> 127.0.0.2:80 Masq 2"));
        ForwardingStats stats = FiguresReader.stats(table, LISTING, """
                IP Virtual Server version 1.2.1 (size=4096)
                Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
                  -> RemoteAddress:Port
                TCP  192.0.2.10:80                      10       20       30  4000000000 50
                  -> 127.0.0.2:80                        1        2        3        4        5
                """, """
                TCP  192.0.2.10:80                       7        0        0        0        9
                """, """
                TCP  192.0.2.10:80 wlc persistent 300
                  -> 127.0.0.2:80                 2         6           17         4
                """);

        assertThat(stats.total().inBytes()).isEqualTo(4_000_000_000L);
        assertThat(stats.totalRates().connectionsPerSecond()).isEqualTo(7);
        assertThat(stats.services().getFirst().servers().getFirst().active()).isEqualTo(17);
        assertThat(stats.services().getFirst().servers().getFirst().inactive()).isEqualTo(4);
        assertThat(stats.services().getFirst().servers().getFirst().persistent())
                .isEqualTo(6);
        assertThat(stats.services().getFirst().servers().getFirst().counters().outBytes())
                .isEqualTo(5);
    }

    @Test
    void readsConnectionsAndTimeouts() {
        ForwardingTable table = PlanText.table(List.of("TCP 192.0.2.10:80 wlc", "  -> 127.0.0.2:80 Masq 2"));
        List<ConnectionEntry> connections = FiguresReader.connections(table, """
                IPVS connection entries
                pro expire state       source             virtual            destination
                TCP 14:59  ESTABLISHED 198.51.100.7:40000 192.0.2.10:80      127.0.0.2:80
                IP  119:07 ASSURED     198.51.100.7:0     0.0.0.3:0          127.0.0.3:0
                """);

        assertThat(connections).hasSize(2);
        assertThat(connections.getFirst().expiresSeconds()).isEqualTo(899);
        assertThat(connections.getFirst().method()).isEqualTo(ForwardingMethod.MASQUERADE);
        assertThat(connections.getLast().template()).isTrue();
        assertThat(connections.getLast().client()).isEqualTo(IpAddress.of("198.51.100.7"));
        assertThat(FiguresReader.timeouts("Timeout (tcp tcpfin udp): 901 121 301\n"))
                .contains(new Timeouts(901, 121, 301));
        assertThat(FiguresReader.timeouts("")).isEmpty();
    }

    @Test
    void aServiceIsWhatItsListingSays() {
        VirtualService service =
                ListingReader.read(LISTING, "").services().getFirst().service().orElseThrow();
        MemoryIpvsadm ipvsadm = new MemoryIpvsadm();
        ipvsadm.run(CommandText.addService(service), "");
        assertThat(ipvsadm.table().entries().getFirst().service()).isEqualTo(service);
    }
}
