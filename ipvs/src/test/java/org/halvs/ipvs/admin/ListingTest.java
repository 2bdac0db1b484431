package org.halvs.ipvs.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.Timeouts;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListingTest {
    private final NameService names = new MemoryNameService("")
            .withHost("a-very-long-name-of-a-real-server.example.com", IpAddress.of("10.0.2.11"));
    private final Ipvsadm ipvsadm = new Ipvsadm(names);
    private final MemoryBackend backend = new MemoryBackend(List.of("e1"), List.of());

    private String run(String line) {
        Outcome outcome = ipvsadm.run(Arrays.asList(line.split(" ")), "", backend);
        return outcome.stdout() + outcome.stderr();
    }

    @ParameterizedTest
    @CsvSource({
        "99999999,' 99999999',' 99999999'",
        "100000000,'  100000K',' 100000000'",
        "1000000000,'    1000M',' 1000000000'",
        "100000000000,'     100G',' 100000000000'",
        "100000000000000,'     100T',' 100000000000000'",
        "7,'        7','        7'"
    })
    void countersFillNineColumns(long value, String shown, String exact) {
        assertThat(Column.counter(value, false)).isEqualTo(shown);
        assertThat(Column.counter(value, true)).isEqualTo(exact);
    }

    @Test
    void longNamesAreCut() {
        run("-A -t 10.0.1.1:80");
        run("-a -t 10.0.1.1:80 -r 10.0.2.11");
        assertThat(run("-L").lines().toList().getLast())
                .isEqualTo("  -> a-very-long-name-of-a-real-s Route   1      0          0         ");
    }

    @Test
    void aRuleFileKeepsThresholdsAndTheOrderOfTheServers() {
        run("-A -t 10.0.1.1:80 -s sh -b sh-port -p 5 -M 255.255.255.0");
        run("-a -t 10.0.1.1:80 -r 10.0.2.12:8080 -m -x 10 -y 5");
        run("-a -t 10.0.1.1:80 -r 10.0.2.11 -i --tun-type gue --tun-port 6080");
        run("-A -f 9 -6");
        MemoryBackend other = new MemoryBackend();
        Outcome outcome = ipvsadm.run(List.of("-R"), RuleWriter.complete(backend.table(), names), other);
        assertThat(outcome).isEqualTo(new Outcome("", "", 0));
        assertThat(other.table().sameContent(backend.table())).isTrue();
    }

    @Test
    void serversAreSortedByTheSignOfA32BitDifference() {
        List<RealServer> sorted =
                ListOrder.servers(List.of(server("192.168.0.1"), server("10.0.0.1"), server("10.0.0.2")));
        // 10.0.0.1 - 192.168.0.1 is positive in 32 bits
        assertThat(sorted)
                .extracting(server -> server.address().toString())
                .containsExactly("192.168.0.1", "10.0.0.1", "10.0.0.2");
    }

    private static RealServer server(String address) {
        return RealServer.of(IpAddress.of(address), 80, ForwardingMethod.MASQUERADE, 1);
    }

    @Test
    void daemonsAreListedMasterFirst() {
        assertThat(run("--start-daemon backup --mcast-interface e1 --syncid 7")).isEmpty();
        assertThat(run("--start-daemon master --mcast-interface e1")).isEmpty();
        assertThat(run("--start-daemon master --mcast-interface e1")).isEqualTo("Daemon has already run\n");
        assertThat(run("-L --daemon")).isEqualTo("""
                        master sync daemon (mcast=e1, syncid=0, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
                        backup sync daemon (mcast=e1, syncid=7, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
                        """);
        assertThat(run("--stop-daemon master")).isEmpty();
        assertThat(run("--stop-daemon master")).isEqualTo("No daemon is running\n");
    }

    @Test
    void templatesShowWhatTheirEngineGoesBy() {
        IpAddress virtual = IpAddress.of("10.0.1.100");
        ConnectionEntry template = new ConnectionEntry(
                17,
                59,
                "NONE",
                IpAddress.of("198.18.15.2"),
                0,
                virtual,
                5060,
                IpAddress.of("10.0.2.12"),
                5060,
                ForwardingMethod.MASQUERADE,
                true,
                Optional.of("sip"),
                "abc@x");
        backend.show(backend.stats(), List.of(template));
        assertThat(run("-Lnc --persistent-conn").lines().toList().getLast())
                .isEqualTo("UDP 00:59  NONE        198.18.15.2:0      10.0.1.100:5060    10.0.2.12:5060   "
                        + "sip                abc@x");
    }

    @Test
    void timeoutsAreChangedOneByOne() {
        run("--set 10 0 20");
        assertThat(run("-L --timeout")).isEqualTo("Timeout (tcp tcpfin udp): 10 120 20\n");
    }

    @Test
    void restoreGoesOnAfterWhatLibpoptFinds() {
        Outcome outcome =
                ipvsadm.run(List.of("-R"), "-A -t 10.0.1.1:80 -j\n-A -t 10.0.1.1:81\n-A -t 10.0.1.1:82 -x\n", backend);
        assertThat(outcome).isEqualTo(new Outcome("", "-j: unknown option\n-x: missing argument\n", 255));
        assertThat(backend.table().entries()).hasSize(1);
    }

    /** A million connections, which no list has to hold. */
    @Test
    void manyConnectionsAreListedPieceByPiece() {
        ConnectionEntry one = new ConnectionEntry(
                6,
                59,
                "SYN_RECV",
                IpAddress.of("198.18.0.1"),
                40000,
                IpAddress.of("10.0.1.1"),
                80,
                IpAddress.of("10.0.2.11"),
                80,
                ForwardingMethod.MASQUERADE,
                false,
                Optional.empty(),
                "");
        int[] longest = {0};
        int[] lines = {0};
        Outcome outcome =
                ipvsadm.run(List.of("-L", "-n", "-c"), "", new PagedBackend(backend, one, 1_000_000), part -> {
                    longest[0] = Math.max(longest[0], part.length());
                    lines[0] += (int) part.lines().count();
                });
        lines[0] += (int) outcome.stdout().lines().count();
        assertThat(lines[0]).isEqualTo(1_000_002);
        assertThat(longest[0]).isLessThan(200_000);
        assertThat(outcome.stdout().length()).isLessThan(200_000);
    }

    /** Lists one entry again and again. */
    private record PagedBackend(AdminBackend rest, ConnectionEntry entry, int count) implements AdminBackend {
        private static final int PAGE = 1000;

        @Override
        public ConnectionPage connections(int from) {
            return new ConnectionPage(
                    Collections.nCopies(PAGE, entry), from + PAGE >= count ? ConnectionPage.END : from + PAGE);
        }

        @Override
        public ForwardingTable table() {
            return rest.table();
        }

        @Override
        public void apply(ForwardingTable table) {
            rest.apply(table);
        }

        @Override
        public boolean usableAsServer(IpAddress address) {
            return rest.usableAsServer(address);
        }

        @Override
        public Timeouts timeouts() {
            return rest.timeouts();
        }

        @Override
        public void changeTimeouts(Timeouts timeouts) {
            rest.changeTimeouts(timeouts);
        }
    }
}
