package org.halvs.director.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.halvs.director.PlanText;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelTableTest {
    private final MemoryIpvsadm ipvsadm = new MemoryIpvsadm();
    private final KernelTable table = new KernelTable(ipvsadm, KernelPlane.Repair.WITHHOLD_REMOVED);

    private static ForwardingTable table(String... lines) {
        return PlanText.table(List.of(lines));
    }

    private void byHand(String line) {
        ipvsadm.run(List.of(line.split(" ")), "");
        ipvsadm.takeRuns();
    }

    private List<String> listed() {
        return PlanText.listing(ipvsadm.table());
    }

    @Test
    void startsWithOneRestore() {
        ApplyReport report = table.apply(table(
                "TCP 192.0.2.10:80 wrr",
                "-> 127.0.0.3:80 Route 0",
                "-> 127.0.0.2:80 Route 0",
                "-> 127.0.0.9:80 Route 1",
                "FWM 3 rr",
                "-> 127.0.0.2:0 Masq 5"));

        assertThat(report.complete()).isTrue();
        assertThat(ipvsadm.takeRuns())
                .containsExactly(
                        "--restore",
                        "  -A -t 192.0.2.10:80 -s wrr",
                        "  -A -f 3 -s rr",
                        "  -a -t 192.0.2.10:80 -x 0 -y 0 -r 127.0.0.9:80 -g -w 1",
                        "  -a -t 192.0.2.10:80 -r 127.0.0.2:80 -g -w 0",
                        "  -a -t 192.0.2.10:80 -r 127.0.0.3:80 -g -w 0",
                        "  -a -f 3 -x 0 -y 0 -r 127.0.0.2:0 -m -w 5");
        assertThat(table.apply(table(
                                "TCP 192.0.2.10:80 wrr",
                                "-> 127.0.0.3:80 Route 0",
                                "-> 127.0.0.2:80 Route 0",
                                "-> 127.0.0.9:80 Route 1",
                                "FWM 3 rr",
                                "-> 127.0.0.2:0 Masq 5"))
                        .isQuiet())
                .isTrue();
    }

    @Test
    void changesWithLdirectordsLines() {
        table.apply(table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.3:80 Route 3", "-> 127.0.0.2:80 Route 2"));
        ipvsadm.takeRuns();

        table.apply(table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.3:80 Route 3", "-> 127.0.0.2:80 Route 0"));
        table.apply(table(
                "TCP 192.0.2.10:80 wrr",
                "-> 127.0.0.9:80 Route 1",
                "-> 127.0.0.3:80 Route 0",
                "-> 127.0.0.2:80 Route 0"));
        table.apply(table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.3:80 Route 3", "-> 127.0.0.2:80 Route 0"));
        table.apply(table("TCP 192.0.2.10:80 lc", "-> 127.0.0.3:80 Masq 3"));
        table.apply(ForwardingTable.EMPTY);

        assertThat(ipvsadm.takeRuns())
                .containsExactly(
                        "-e -t 192.0.2.10:80 -r 127.0.0.2:80 -g -w 0",
                        // the fallback comes before the last server goes
                        "-a -t 192.0.2.10:80 -x 0 -y 0 -r 127.0.0.9:80 -g -w 1",
                        "-e -t 192.0.2.10:80 -r 127.0.0.3:80 -g -w 0",
                        "-e -t 192.0.2.10:80 -x 0 -y 0 -r 127.0.0.3:80 -g -w 3",
                        "-d -t 192.0.2.10:80 -r 127.0.0.9:80",
                        "-E -t 192.0.2.10:80 -s lc",
                        "-e -t 192.0.2.10:80 -x 0 -y 0 -r 127.0.0.3:80 -m -w 3",
                        "-d -t 192.0.2.10:80 -r 127.0.0.2:80",
                        "-d -t 192.0.2.10:80 -r 127.0.0.3:80",
                        "-D -t 192.0.2.10:80");
    }

    @Test
    void leavesWhatIsNotItsOwn() {
        byHand("-A -t 192.0.2.99:80 -s rr");
        table.apply(table("TCP 192.0.2.10:80 wrr"));
        table.apply(ForwardingTable.EMPTY);

        assertThat(listed()).containsExactly("TCP 192.0.2.99:80 rr");
    }

    @Test
    void takesOverWhatIsThere() {
        byHand("-A -t 192.0.2.10:80 -s wrr");
        byHand("-a -t 192.0.2.10:80 -r 127.0.0.2:80 -g -w 2");
        byHand("-a -t 192.0.2.10:80 -r 127.0.0.77:80 -g -w 9");

        ApplyReport report = table.apply(table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.2:80 Route 2"));

        assertThat(report.commands()).containsExactly("-d -t 192.0.2.10:80 -r 127.0.0.77:80");
        assertThat(report.drift()).isEmpty();
    }

    @Test
    void tellsWhichLineFailedAndWhatIpvsadmSaid() {
        ForwardingTable desired = table(
                "TCP 192.0.2.10:80 wrr",
                "-> 255.255.255.255:80 Masq 3",
                "-> 127.0.0.2:80 Route 2",
                "TCP 192.0.2.11:80 wrr",
                "-> 127.0.0.2:80 Route 2");

        ApplyReport report = table.apply(desired);

        assertThat(report.complete()).isFalse();
        assertThat(report.failures()).hasSize(1);
        assertThat(report.failures().getFirst().describe())
                .startsWith(
                        "system(/sbin/ipvsadm -a -t 192.0.2.10:80 -x 0 -y 0 -r 255.255.255.255:80 -m -w 3) failed: ");
        assertThat(listed())
                .containsExactly(
                        "TCP 192.0.2.10:80 wrr",
                        "  -> 127.0.0.2:80 Route 2",
                        "TCP 192.0.2.11:80 wrr",
                        "  -> 127.0.0.2:80 Route 2");
        // it goes on trying, and says so once
        assertThat(table.apply(desired).failures()).isEmpty();
        assertThat(table.apply(desired).drift()).isEmpty();
    }

    @Test
    void goesLineByLineWithoutRestore() {
        ipvsadm.forgetRestore();
        ForwardingTable desired = table(
                "TCP 192.0.2.10:80 wrr",
                "-> 127.0.0.4:80 Route 2",
                "-> 127.0.0.3:80 Route 2",
                "-> 127.0.0.2:80 Route 2");

        assertThat(table.apply(desired).complete()).isTrue();
        assertThat(ipvsadm.takeRuns()).hasSize(1 + 4 + 4);
        table.apply(ForwardingTable.EMPTY);
        assertThat(ipvsadm.takeRuns()).hasSize(4);
        assertThat(listed()).isEmpty();
    }

    @Test
    void repairsAndReportsWhatOthersChanged() {
        ForwardingTable desired = table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.2:80 Route 2", "TCP 192.0.2.11:80 wrr");
        table.apply(desired);
        byHand("-e -t 192.0.2.10:80 -r 127.0.0.2:80 -g -w 0");
        byHand("-a -t 192.0.2.10:80 -r 127.0.0.8:80 -g -w 4");
        byHand("-E -t 192.0.2.10:80 -s lc");
        byHand("-D -t 192.0.2.11:80");

        ApplyReport report = table.apply(desired);

        assertThat(report.drift())
                .extracting(Drift::describe)
                .containsExactly(
                        "service 192.0.2.10:80 was changed by somebody else",
                        "server 127.0.0.2:80 (192.0.2.10:80) had its weight changed from 2 to 0 by somebody else",
                        "server 127.0.0.8:80 (192.0.2.10:80) was added by somebody else, with weight 4",
                        "service 192.0.2.11:80 was removed by somebody else");
        assertThat(listed()).isEqualTo(PlanText.listing(desired));
    }

    @Test
    void aServerRemovedByHandWaitsForAnAnswer() {
        ForwardingTable desired = table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.3:80 Route 3", "-> 127.0.0.2:80 Route 0");
        table.apply(desired);
        byHand("-d -t 192.0.2.10:80 -r 127.0.0.2:80");

        ApplyReport report = table.apply(desired);
        assertThat(report.drift()).hasSize(1);
        assertThat(report.withheld()).hasSize(1);
        assertThat(report.commands()).isEmpty();
        // another change in the meantime does not put it back, and it is reported once as drift
        ApplyReport other =
                table.apply(table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.3:80 Route 0", "-> 127.0.0.2:80 Route 0"));
        assertThat(other.commands()).containsExactly("-e -t 192.0.2.10:80 -r 127.0.0.3:80 -g -w 0");
        assertThat(other.drift()).isEmpty();
        // it came up: it is added
        assertThat(table.apply(table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.3:80 Route 0", "-> 127.0.0.2:80 Route 2"))
                        .commands())
                .containsExactly("-a -t 192.0.2.10:80 -x 0 -y 0 -r 127.0.0.2:80 -g -w 2");
    }

    @Test
    void theAnswerPutsItBack() {
        ForwardingTable desired = table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.2:80 Route 0");
        table.apply(desired);
        byHand("-d -t 192.0.2.10:80 -r 127.0.0.2:80");
        table.apply(desired);
        table.readd();

        assertThat(table.apply(desired).commands()).containsExactly("-a -t 192.0.2.10:80 -r 127.0.0.2:80 -g -w 0");
    }

    @Test
    void aFlushIsRepaired() {
        ForwardingTable desired = table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.2:80 Route 2");
        table.apply(desired);
        byHand("-C");

        assertThat(table.apply(desired).drift())
                .extracting(Drift::describe)
                .containsExactly("service 192.0.2.10:80 was removed by somebody else");
        assertThat(listed()).isEqualTo(PlanText.listing(desired));
    }

    /** {@code compatibility: changes_by_hand_stay}, as in recording 65: ldirectord acted on changes of state only. */
    @Test
    void changesByHandStayWhereASiteWantsThat() {
        KernelTable keeping = new KernelTable(ipvsadm, KernelPlane.Repair.KEEP_CHANGES);
        ForwardingTable desired = table(
                "TCP 192.0.2.10:80 wrr",
                "-> 127.0.0.2:80 Route 2",
                "-> 127.0.0.3:80 Route 3",
                "-> 127.0.0.4:80 Route 4");
        keeping.apply(desired);
        byHand("-e -t 192.0.2.10:80 -r 127.0.0.2:80 -g -w 0");
        byHand("-d -t 192.0.2.10:80 -r 127.0.0.3:80");
        byHand("-a -t 192.0.2.10:80 -r 127.0.0.66:80 -g -w 1");

        ApplyReport report = keeping.apply(desired);
        assertThat(report.commands()).isEmpty();
        assertThat(report.drift()).hasSize(3);

        ForwardingTable oneDown = table("TCP 192.0.2.10:80 wrr", "-> 127.0.0.2:80 Route 2", "-> 127.0.0.3:80 Route 3");
        assertThat(keeping.apply(oneDown).commands()).containsExactly("-d -t 192.0.2.10:80 -r 127.0.0.4:80");
        assertThat(keeping.apply(desired).commands())
                .containsExactly("-a -t 192.0.2.10:80 -x 0 -y 0 -r 127.0.0.4:80 -g -w 4");
        assertThat(listed())
                .contains("  -> 127.0.0.2:80 Route 0", "  -> 127.0.0.66:80 Route 1")
                .noneMatch(line -> line.contains("127.0.0.3:80"));

        keeping.readd();
        keeping.apply(desired);
        assertThat(listed()).containsExactlyInAnyOrderElementsOf(PlanText.listing(desired));
    }

    /** From any table to any other, with whatever an outsider does in between. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void alwaysArrives(long seed) {
        Random random = new Random(seed);
        KernelTable repairing = new KernelTable(ipvsadm, KernelPlane.Repair.ALL);
        for (int i = 0; i < 150; i++) {
            ForwardingTable desired = randomTable(random);
            ApplyReport report = repairing.apply(desired);
            assertThat(report.complete()).isTrue();
            assertThat(byDestination(ipvsadm.table(), desired)).isEqualTo(byDestination(desired, desired));
            assertThat(repairing.apply(desired).isQuiet()).isTrue();
            if (random.nextInt(3) == 0) {
                new KernelTable(ipvsadm, KernelPlane.Repair.ALL).apply(randomTable(random));
            }
        }
    }

    private static ForwardingTable randomTable(Random random) {
        List<String> lines = new ArrayList<>();
        for (int service = 0; service < 3; service++) {
            if (random.nextInt(4) > 0) {
                lines.add("TCP 192.0.2.1" + service + ":80 " + (random.nextBoolean() ? "wrr" : "lc"));
                for (int server = 2; server < 6; server++) {
                    if (random.nextBoolean()) {
                        lines.add("-> 127.0.0." + server + ":80 " + (random.nextBoolean() ? "Masq " : "Route ")
                                + random.nextInt(3));
                    }
                }
            }
        }
        return PlanText.table(lines);
    }

    /** The services of {@code wanted} as they stand in {@code table}; servers sorted, for the kernel keeps its own order. */
    private static List<String> byDestination(ForwardingTable table, ForwardingTable wanted) {
        List<String> lines = new ArrayList<>();
        for (ForwardingTable.Entry like : wanted.entries()) {
            ForwardingTable.Entry entry = table.entry(like.service().key()).orElseThrow();
            lines.add(entry.service().toString());
            entry.servers().stream().map(RealServer::toString).sorted().forEach(lines::add);
        }
        return lines;
    }
}
