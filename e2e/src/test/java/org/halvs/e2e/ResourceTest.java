package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.demo.RecipeFiles;
import org.junit.jupiter.api.Test;

/** What becomes of resources that fail, on a pair of directors with scripts in {@code resource.d}. */
class ResourceTest extends LabTest {
    private static final String SERVICE = """
        #!/bin/sh
        state=$(dirname "$0")/../service
        echo "$1" >> $state.calls
        case "$1" in
        start) [ -e $state.broken ] && { echo "starting"; echo "no licence"; exit 1; }; touch $state;;
        stop) [ -e $state.hangs ] && { echo "waiting for a lock"; sleep 600; }; rm -f $state;;
        status) [ -e $state ] && echo running || echo stopped;;
        esac
        """;

    @Test
    void aGroupThatDoesNotStartIsOnThePeerAtOnceAndTheReasonIsOnRecord() throws Exception {
        try (DirectorPair pair = pair("")) {
            mark(pair.lb1(), "service.broken");
            pair.lb1().start();
            pair.lb2().start();
            ownedBy(pair, pair.lb2());
            assertThat(pair.lb1().halvs("events").output())
                    .contains("start of service in group " + DirectorPair.VIP)
                    .contains("failed: exit status 1: starting; no licence");
            assertThat(calls(pair.lb1())).containsExactly("status", "start", "stop");
            assertThat(calls(pair.lb2())).startsWith("status", "start");
        }
    }

    @Test
    void whatStopsIsStartedAgainAndWhatDoesNotStartAgainMovesToThePeer() throws Exception {
        try (DirectorPair pair = pair("resources: {monitor: 1s}\n")) {
            pair.lb1().start();
            pair.lb2().start();
            ownedBy(pair, pair.lb1());
            eventually(pair, "asked", 10_000, () -> calls(pair.lb1()).size() >= 4);
            remove(pair.lb1(), "service");
            eventually(pair, "started again", 10_000, () -> Files.exists(file(pair.lb1(), "service")));
            eventually(
                    pair,
                    "and told",
                    5_000,
                    () -> pair.lb1().halvs("events").output().contains("it does not run any more; started again"));
            mark(pair.lb1(), "service.broken");
            remove(pair.lb1(), "service");
            ownedBy(pair, pair.lb2());
            assertThat(pair.lb1().halvs("events").output())
                    .contains("it does not start again: exit status 1: starting; no licence");
        }
    }

    @Test
    void anAddressThatSomebodyRemovesIsBackAtOnceAndOnRecord() throws Exception {
        try (DirectorPair pair = pair("")) {
            pair.lb1().start();
            pair.lb2().start();
            ownedBy(pair, pair.lb1());
            pair.lb1().host().ip("address", "delete", DirectorPair.VIP + "/24", "dev", "eth0");
            eventually(pair, "back", 5_000, () -> pair.lb1().holds(DirectorPair.VIP));
            eventually(
                    pair,
                    "on record",
                    5_000,
                    () -> pair.lb1().halvs("events").output().contains("was removed from this host by process"));
            assertThat(pair.owners()).containsExactly(pair.lb1());
        }
    }

    @Test
    void aStopThatHangsIsKilledAndReportedAndTheAddressIsGoneAllTheSame() throws Exception {
        try (DirectorPair pair = pair("resources: {stop_limit: 1s}\n")) {
            pair.lb1().start();
            pair.lb2().start();
            ownedBy(pair, pair.lb1());
            mark(pair.lb1(), "service.hangs");
            Thread standby = Thread.ofPlatform().start(() -> pair.lb1().halvs("standby"));
            eventually(
                    pair,
                    "reported",
                    10_000,
                    () -> pair.lb1()
                            .halvs("events")
                            .output()
                            .contains("no end within 1 s, killed: waiting for a lock"));
            eventually(pair, "gone", 5_000, () -> !pair.lb1().holds(DirectorPair.VIP));
            pair.lb1().kill();
            standby.join();
        }
    }

    @Test
    void aThousandAddressesOnOneLineMoveTogetherAndNoneStaysOnADeadNode() throws Exception {
        try (DirectorPair pair = pair("")) {
            StringBuilder line = new StringBuilder("lb1");
            for (int i = 0; i < 1000; i++) {
                line.append(" IPaddr2::10.78.%d.%d/16/eth0".formatted(i / 250, 1 + i % 250));
            }
            pair.configure("haresources", line.append('\n').toString());
            pair.lb1().start();
            pair.lb2().start();
            eventually(pair, "lb1 has all", 30_000, () -> many(pair.lb1()) == 1000);
            var standby = pair.lb1().halvs("standby");
            assertThat(standby.exit()).as(standby.output()).isZero();
            assertThat(many(pair.lb1())).isZero();
            assertThat(many(pair.lb2())).isEqualTo(1000);
            pair.lb2().kill();
            eventually(pair, "lb2 has none", 5_000, () -> many(pair.lb2()) == 0);
            eventually(pair, "lb1 has all", 10_000, () -> many(pair.lb1()) == 1000);
            System.out.println("[fig] "
                    + pair.lb1()
                            .halvs("events")
                            .output()
                            .lines()
                            .filter(event -> event.contains("acquired") || event.contains("released"))
                            .toList());
        }
    }

    private static long many(Director director) {
        return director.host()
                .ip("-o", "-4", "address", "show", "dev", "eth0")
                .lines()
                .filter(line -> line.contains(" 10.78."))
                .count();
    }

    @Test
    void startstopIsCalledAroundStartAndStop() throws Exception {
        try (DirectorPair pair = pair("")) {
            pair.configure("resource.d/startstop", "#!/bin/sh\necho \"$@\" >> $(dirname \"$0\")/../startstop.calls\n");
            Files.setPosixFilePermissions(
                    file(pair.lb1(), "resource.d/startstop"), PosixFilePermissions.fromString("rwxr-xr-x"));
            pair.lb1().start();
            eventually(pair, "started", 20_000, () -> hookCalls(pair).size() == 2);
            pair.lb1().stop();
            assertThat(hookCalls(pair)).containsExactly("pre-start", "post-start 0", "pre-stop", "post-stop 0");
        }
    }

    private static List<String> hookCalls(DirectorPair pair) {
        Path calls = file(pair.lb1(), "startstop.calls");
        return Files.exists(calls)
                ? pair.lb1().host().run("cat", calls.toString()).lines().toList()
                : List.of();
    }

    private static DirectorPair pair(String halvsYml) throws Exception {
        DirectorPair pair = DirectorPair.open(DISTRIBUTION, List.of());
        RecipeFiles.install(pair);
        pair.configure("haresources", "lb1 " + DirectorPair.VIP + "/24/eth0 service\n");
        pair.configure("halvs.yml", halvsYml);
        pair.configure("resource.d/service", SERVICE);
        for (Director director : List.of(pair.lb1(), pair.lb2())) {
            Files.setPosixFilePermissions(
                    file(director, "resource.d/service"), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return pair;
    }

    private static Path file(Director director, String name) {
        return director.etc().resolve(name);
    }

    private static void mark(Director director, String name) throws Exception {
        Files.writeString(file(director, name), "");
    }

    private static void remove(Director director, String name) throws Exception {
        Files.delete(file(director, name));
    }

    /** What the director's script was asked for, in order. */
    private static List<String> calls(Director director) {
        Path calls = file(director, "service.calls");
        return Files.exists(calls)
                ? director.host().run("cat", calls.toString()).lines().toList()
                : List.of();
    }
}
