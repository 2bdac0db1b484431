package org.halvs.ipvs.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/** Two recorded sessions of ipvsadm 1.31 on Linux 6.1, command by command, byte for byte. */
class GoldenCliTest {
    private static final String SERVICES = """
            domain   53/udp
            http     80/tcp
            https    443/tcp
            sip      5060/udp
            x11      6000/tcp
            x11-1    6001/tcp
            http-alt 8080/tcp
            """;

    /** The order of the kernel's hash, which depends on where the kernel put its data; a listing without sorting shows it. */
    private static final List<String> HASH_ORDER = List.of(
            "SCTP 10.0.1.100:9000",
            "TCP 10.0.1.100:8080",
            "TCP 10.0.1.100:443",
            "UDP 10.0.1.100:5060",
            "TCP [fd01::100]:80",
            "UDP 10.0.1.100:53",
            "TCP 10.0.1.100:80",
            "TCP 10.0.1.100:8000",
            "TCP 10.0.1.100:6001",
            "TCP 10.0.1.100:6000",
            "FWM 7",
            "FWM 8 IPv6");

    private final Ipvsadm ipvsadm = new Ipvsadm(new MemoryNameService(SERVICES)
            .withHost("vip.example", IpAddress.of("10.0.1.100"))
            .withHost("rs1.example", IpAddress.of("10.0.2.11"))
            .withHost("localhost", IpAddress.of("127.0.0.1")));
    private final MemoryBackend backend = new MemoryBackend(List.of("lo"), List.of(IpAddress.of("10.0.2.255")));
    private final SoftAssertions softly = new SoftAssertions();
    private String saved = "";
    private int rateListings;
    private int compared;

    @Test
    void bothRecordedSessionsAreReproduced() {
        List<Recording.Step> listing = Recording.steps("listing.txt");
        String proc = listing.stream()
                .filter(step -> step.command().equals("cat /proc/net/ip_vs_conn"))
                .findFirst()
                .orElseThrow()
                .output();
        for (Recording.Step step : listing) {
            if (step.command().equals("ipvsadm -R < saved")) {
                assertRestore(step);
            } else if (step.isIpvsadm()) {
                prepare(step, proc);
                compare("listing.txt", step);
            }
        }
        for (Recording.Step step : Recording.steps("errors.txt")) {
            compare("errors.txt", step);
        }
        softly.assertAll();
        assertThat(compared).as("command lines compared").isEqualTo(172);
    }

    private void prepare(Recording.Step step, String proc) {
        String command = step.command();
        boolean laterRate = command.contains("--rate") && !command.contains("--stats") && rateListings++ > 1;
        List<ConnectionEntry> connections = List.of();
        if (step.output().contains("SYN_RECV")) {
            boolean secondLater = command.contains("--sort") || command.contains("--persistent-conn");
            connections = RecordedFigures.connections(proc, secondLater ? 7 : 8);
            if (command.equals("ipvsadm -Lnc")) {
                // this one was recorded through a filter that knew IPv6 clients only
                connections = connections.stream()
                        .filter(entry -> !entry.client().isIpv4())
                        .toList();
            }
        }
        if (command.contains("--nosort") && !backend.table().entries().isEmpty()) {
            List<ForwardingTable.Entry> entries =
                    new ArrayList<>(backend.table().entries());
            entries.sort(Comparator.comparingInt(
                    entry -> HASH_ORDER.indexOf(entry.service().key().toString())));
            backend.apply(new ForwardingTable(backend.table().revision(), entries));
        }
        backend.show(RecordedFigures.stats(backend.table(), laterRate), connections);
    }

    private void compare(String file, Recording.Step step) {
        Outcome outcome = ipvsadm.run(step.arguments(), "", backend);
        String where = file + ":" + step.line() + " " + step.command();
        softly.assertThat(outcome.stdout() + outcome.stderr()).as(where).isEqualTo(step.output());
        softly.assertThat(outcome.exitStatus())
                .as(where)
                .isEqualTo(step.exitStatus().orElseThrow());
        compared++;
        if (step.command().equals("ipvsadm -S -n")) {
            saved = outcome.stdout();
        }
    }

    private void assertRestore(Recording.Step step) {
        assertThat(saved).isNotEmpty();
        assertThat(run(saved)).isEqualTo(new Outcome("", "", 0));
        assertThat(ipvsadm.run(List.of("-S", "-n"), "", backend).stdout()).isEqualTo(saved);
        assertThat(step.exitStatus()).contains(0);

        assertThat(run("-A -t 10.0.1.100:7777 -s rr\nbogus line\n-A -t 10.0.1.100:7778 -s rr\n"))
                .isEqualTo(new Outcome("", "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n", 255));
        assertThat(run("ipvsadm -A -t 10.0.1.100:7779 -s rr\n")).isEqualTo(new Outcome("", "", 0));
        assertThat(run("-A -t 10.0.1.100:80 -s rr\n\n# a comment\n-A -t 10.0.1.100:7780 -s rr\n"))
                .isEqualTo(new Outcome("", "Service already exists\n", 0));
    }

    private Outcome run(String rules) {
        return ipvsadm.run(List.of("-R"), rules, backend);
    }
}
