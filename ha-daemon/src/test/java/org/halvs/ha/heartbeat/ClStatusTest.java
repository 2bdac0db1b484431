package org.halvs.ha.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.HaCf;
import org.halvs.ha.config.HostFacts;
import org.halvs.ha.heartbeat.ClusterFacts.Holding;
import org.halvs.ha.heartbeat.ClusterFacts.Kind;
import org.halvs.ha.heartbeat.ClusterFacts.Link;
import org.halvs.ha.heartbeat.ClusterFacts.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command of cl_status against recordings of heartbeat 3.0.6. */
class ClStatusTest {
    private static final String VERSION = "3.0.6 (node: 958e11be8686759f1b99204c17812f2c2633b169)";

    /** The file the recorded cluster ran with. */
    private static final ClusterConfig CONFIG =
            HaCf.parse("ha.cf", """
                    logfile /var/log/ha-log
                    debugfile /var/log/ha-debug
                    logfacility none
                    keepalive 1
                    deadtime 10
                    initdead 12
                    udpport 694
                    bcast eth0
                    bcast eth1
                    auto_failback off
                    node alice
                    node bob
                    ping 10.77.0.100
                    ping_group gw 10.77.0.100
                    """, HostFacts.unknown()).value().orElseThrow();

    private static ClusterFacts facts(String bob, boolean eth0, boolean eth1, Holding holding) {
        return new ClusterFacts(
                "alice",
                VERSION,
                List.of(
                        new Node("gw", Kind.PING, "ping", List.of(new Link("gw", true))),
                        new Node("10.77.0.100", Kind.PING, "ping", List.of(new Link("10.77.0.100", true))),
                        new Node("bob", Kind.NORMAL, bob, List.of(new Link("eth1", eth1), new Link("eth0", eth0))),
                        new Node(
                                "alice",
                                Kind.NORMAL,
                                "active",
                                List.of(new Link("eth1", true), new Link("eth0", true)))),
                holding,
                CONFIG);
    }

    private static final ClusterFacts WHOLE = facts("active", true, true, Holding.LOCAL);

    static Stream<Transcript.Recorded> whole() {
        return Stream.of("cl_status-tools.txt", "cl_status-streams.txt")
                .flatMap(name -> Transcript.read(name).commands().stream());
    }

    static Stream<Transcript.Recorded> stopped() {
        return Transcript.read("cl_status-stopped.txt").commands().stream();
    }

    static Stream<Transcript.Recorded> linkDead() {
        return Transcript.read("cl_status-link-dead.txt").commands().stream();
    }

    static Stream<Transcript.Recorded> peerDead() {
        return Transcript.read("cl_status-peer-dead.txt").commands().stream();
    }

    @ParameterizedTest
    @MethodSource
    void whole(Transcript.Recorded recorded) {
        check(recorded, Optional.of(WHOLE));
    }

    @ParameterizedTest
    @MethodSource
    void linkDead(Transcript.Recorded recorded) {
        check(recorded, Optional.of(facts("active", true, false, Holding.LOCAL)));
    }

    @ParameterizedTest
    @MethodSource
    void peerDead(Transcript.Recorded recorded) {
        check(recorded, Optional.of(facts("dead", false, false, Holding.ALL)));
    }

    @ParameterizedTest
    @MethodSource
    void stopped(Transcript.Recorded recorded) {
        check(recorded, Optional.empty());
    }

    private static void check(Transcript.Recorded recorded, Optional<ClusterFacts> facts) {
        ClStatus.Output output = ClStatus.run(recorded.words(), facts);
        if (recorded.apart()) {
            assertThat(output).isEqualTo(new ClStatus.Output(recorded.out(), recorded.error(), recorded.exit()));
        } else {
            assertThat(output.out() + output.error()).isEqualTo(recorded.out());
            assertThat(output.exit()).isEqualTo(recorded.exit());
        }
    }

    @Test
    void transcriptsHoldEverySubcommand() {
        assertThat(whole().map(r -> r.words().isEmpty() ? "" : r.words().getFirst()))
                .contains(
                        "hbstatus",
                        "listnodes",
                        "nodestatus",
                        "nodetype",
                        "nodeweight",
                        "nodesite",
                        "listhblinks",
                        "hblinkstatus",
                        "clientstatus",
                        "rscstatus",
                        "hbparameter",
                        "");
        assertThat(whole().count()).isGreaterThan(150);
    }

    @Test
    void ipfailIsOnlineWhereHaCfStartedIt() {
        ClusterConfig config =
                HaCf.parse("ha.cf", """
                        node alice bob
                        bcast eth0
                        auto_failback on
                        initdead 60
                        respawn hacluster /usr/lib/heartbeat/ipfail
                        """, HostFacts.unknown()).value().orElseThrow();
        ClusterFacts facts = new ClusterFacts("alice", VERSION, WHOLE.nodes(), Holding.ALL, config);
        assertThat(ClStatus.run(List.of("clientstatus", "alice", "ipfail", "1000"), Optional.of(facts)))
                .isEqualTo(new ClStatus.Output("online\n", "", 0));
        assertThat(ClStatus.run(List.of("clientstatus", "bob", "nosuch", "1000"), Optional.of(facts)))
                .isEqualTo(new ClStatus.Output("offline\n", "", 1));
    }

    @Test
    void stampsWhatIsLoggedAndNothingElse() {
        HeartbeatStamp stamp = new HeartbeatStamp(LocalDateTime.of(2026, 11, 5, 7, 39, 20), "alice", "cl_status", 437);
        assertThat(stamp.stamp("x: invalid option -- 'z'\nERROR: one\nError. May be\n"))
                .isEqualTo(
                        "x: invalid option -- 'z'\nNov 05 07:39:20 alice cl_status: [437]: ERROR: one\nError. May be\n");
    }

    @Test
    void tableOfDefaultsIsHeartbeats() {
        assertThat(HeartbeatParameters.table())
                .isEqualTo(Transcript.read("heartbeat-defaults.txt")
                        .commands()
                        .getFirst()
                        .out());
    }
}
