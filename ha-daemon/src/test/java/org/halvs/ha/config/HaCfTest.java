package org.halvs.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HaCfTest {
    private static final String NODES = "node alice bob\nucast eth0 10.0.0.2\nauto_failback on\n";

    private static Parsed<ClusterConfig> parse(String text) {
        return HaCf.parse("ha.cf", text, HostFacts.unknown());
    }

    private static ClusterConfig config(String text) {
        Parsed<ClusterConfig> parsed = parse(text);
        return parsed.value().orElseThrow(() -> new AssertionError(parsed.problems()));
    }

    @Test
    void aWholeFile() {
        ClusterConfig config = config("""
                # of two directors
                logfacility local0  # to syslog
                debugfile /var/log/ha-debug
                keepalive 500ms
                deadtime 1.7
                warntime 90000us
                initdead 120
                udpport 695
                bcast\teth1
                ucast eth0 10.0.0.1
                ucast eth0 10.0.0.2
                mcast eth2 239.0.0.1 694 1 0
                mcast6 eth2 ff02::1:2 694 1 1
                auto_failback off
                node LB1.example.com
                node lb2.example.com
                ping 10.0.0.254
                ping_group gw 10.0.0.252 10.0.0.253
                """);
        assertThat(config.nodes()).containsExactly("lb1.example.com", "lb2.example.com");
        assertThat(config.timing())
                .isEqualTo(new Timing(
                        Duration.ofMillis(500),
                        Duration.ofMillis(90),
                        Duration.ofMillis(1700),
                        Duration.ofMinutes(2),
                        Duration.ofMillis(1700)));
        assertThat(config.media())
                .containsExactly(
                        new Medium.Bcast("eth1", 695),
                        new Medium.Ucast("eth0", IpAddress.of("10.0.0.1"), 695),
                        new Medium.Ucast("eth0", IpAddress.of("10.0.0.2"), 695),
                        new Medium.Mcast("eth2", IpAddress.of("239.0.0.1"), 694, 1, false),
                        new Medium.Mcast("eth2", IpAddress.of("ff02::1:2"), 694, 1, true));
        assertThat(config.autoFailback()).isEqualTo(AutoFailback.OFF);
        assertThat(config.pings())
                .containsExactly(
                        new PingTarget("10.0.0.254", List.of("10.0.0.254")),
                        new PingTarget("gw", List.of("10.0.0.252", "10.0.0.253")));
        assertThat(config.log().facility()).contains("local0");
        assertThat(config.directive("initdead").orElseThrow().arguments()).containsExactly("120");
    }

    /** heartbeat's own default of initdead, in milliseconds. */
    @ParameterizedTest
    @CsvSource({"30,30000", "11,11000", "10,20000", "6,12000", "5,12000", "3,12000"})
    void initdeadFollowsDeadtime(String deadtime, long millis) {
        assertThat(config(NODES + "deadtime " + deadtime).timing().initdead()).hasMillis(millis);
    }

    @ParameterizedTest
    @CsvSource({"1.5s", "1m", "3sec", "5x", "-1", "''", "1e3", "ms", ".", "1.", "99999999999"})
    void notATime(String text) {
        assertThat(HaTime.parse(text)).isEmpty();
    }

    @Test
    void everyProblemAtOnceWithItsLine() {
        Parsed<ClusterConfig> parsed = parse("keepalive 1s\nudpprt 694\nnode alice\n");
        assertThat(parsed.value()).isEmpty();
        assertThat(parsed.errors())
                .extracting(ConfigProblem::line, ConfigProblem::remedy)
                .contains(
                        org.assertj.core.groups.Tuple.tuple(
                                1, "times are 2, 1.7, 1700ms or 90000us; seconds have no unit: 1"),
                        org.assertj.core.groups.Tuple.tuple(2, "did you mean udpport?"));
        assertThat(parsed.errors()).anySatisfy(p -> assertThat(p.message()).isEqualTo("No heartbeat media defined"));
    }

    @Test
    void aLaterLineOverridesAndAValueIsOneWord() {
        assertThat(config(NODES + "deadtime 20\ndeadtime 5 10\ninitdead 60")
                        .timing()
                        .deadtime())
                .hasSeconds(10);
    }

    @Test
    void udpportBelowAMediumComesTooLateForIt() {
        Parsed<ClusterConfig> parsed = parse(NODES + "udpport 700\nbcast eth1");
        assertThat(parsed.value().orElseThrow().media())
                .containsExactly(
                        new Medium.Ucast("eth0", IpAddress.of("10.0.0.2"), 694), new Medium.Bcast("eth1", 700));
        assertThat(parsed.problems()).anySatisfy(p -> assertThat(p.message()).contains("must precede media"));
    }

    @Test
    void aPacemakerFileIsRefusedClearly() {
        Parsed<ClusterConfig> parsed = parse(NODES + "pacemaker on");
        assertThat(parsed.errors())
                .singleElement()
                .satisfies(p -> assertThat(p.message()).contains("Pacemaker cluster"));
    }

    @Test
    void whatHasNoEffectIsNoted() {
        Parsed<ClusterConfig> parsed = parse(NODES + "hopfudge 1\nrespawn hacluster /usr/lib/heartbeat/ipfail");
        assertThat(parsed.value()).isPresent();
        assertThat(parsed.problems())
                .extracting(ConfigProblem::severity)
                .containsOnly(ConfigProblem.Severity.NOTE)
                .hasSize(2);
    }

    @Test
    void anyTextIsRead() {
        java.util.Random random = new java.util.Random(7);
        List<String> words = List.copyOf(HaCfDirective.BY_NAME.keySet());
        for (int run = 0; run < 3000; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(random.nextInt(5) == 0 ? "\n" : words.get(random.nextInt(words.size())));
                for (int j = random.nextInt(5); j > 0; j--) {
                    text.append(' ').append((char) random.nextInt(33, 127)).append(random.nextInt());
                }
                text.append(random.nextBoolean() ? "\n" : " ");
            }
            Parsed<ClusterConfig> parsed = parse(text.toString());
            assertThat(parsed.value().isPresent()).isEqualTo(parsed.errors().isEmpty());
        }
    }
}
