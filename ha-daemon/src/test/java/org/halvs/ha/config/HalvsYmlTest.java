package org.halvs.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.check.protocol.ClientSettings;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.director.OldBehaviour;
import org.halvs.director.Recovery;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.forward.Setting;
import org.halvs.ipvs.mark.MarkRule;
import org.halvs.ldirectord.SiteRules;
import org.halvs.linux.IpAddress;
import org.halvs.resource.address.AnnounceRounds;
import org.halvs.resource.script.ScriptLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HalvsYmlTest {
    private static final long ALL = 0xffffffffL;
    private static final MarkRule.Network VIP = new MarkRule.Network(IpAddress.of("192.0.2.10"), 32);

    @TempDir
    Path etc;

    @Test
    void everySectionIsRead() throws IOException {
        Files.writeString(
                etc.resolve("rules"),
                "*mangle\n-A PREROUTING -d 192.0.2.10/32 -p tcp --dport 21 -j MARK --set-mark 21\n");
        HalvsYml read = good("""
                ipvs:
                  conn_reuse_mode: 0
                  expire_nodest_conn: yes
                  sync_threshold: 3 50
                connections: 1000
                connection_sync: off
                marks:
                  - mark: 80
                    protocol: tcp
                    destination: 192.0.2.10
                    ports: [80, https, 8000-8010]
                  - {mark: 81, destination: ["192.0.2.0/24", "2001:db8::/64"], interface: eth+}
                  - mark: 82
                    protocol: udp
                    destination: 192.0.2.10
                    source: 203.0.113.0/24
                marks_from: rules
                services:
                  pingpong_slave: /bin/sh -c
                ldirectord:
                  successcount: 2
                  slowstart: 1m
                resources:
                  monitor: off
                  stop_limit: 2m
                  arp_count: 3
                  arp_interval: 100ms
                  arp_refresh: 1m
                  former_mac: 2m
                  mail_server: mail.example.org
                """);
        assertThat(read.resources())
                .isEqualTo(new ResourceSettings(
                        new ScriptLimits(Duration.ofSeconds(60), Duration.ofMinutes(2), Duration.ofSeconds(20)),
                        Optional.empty(),
                        new AnnounceRounds(3, Duration.ofMillis(100), Optional.of(Duration.ofMinutes(1))),
                        Optional.of(Duration.ofMinutes(2)),
                        Optional.of("mail.example.org")));
        assertThat(read.settings().value(Setting.CONN_REUSE_MODE)).isZero();
        assertThat(read.settings().value(Setting.EXPIRE_NODEST_CONN)).isOne();
        assertThat(read.settings().value(Setting.EXPIRE_QUIESCENT_TEMPLATE)).isOne();
        assertThat(read.maxConnections()).isEqualTo(1000);
        assertThat(read.connectionSync()).isFalse();
        assertThat(HalvsYml.DEFAULT.connectionSync()).isTrue();
        MarkRule.Network net4 = new MarkRule.Network(IpAddress.of("192.0.2.0"), 24);
        MarkRule.Network net6 = new MarkRule.Network(IpAddress.of("2001:db8::"), 64);
        MarkRule.Network clients = new MarkRule.Network(IpAddress.of("203.0.113.0"), 24);
        MarkRule.Network all4 = MarkRule.Network.all(IpAddress.Family.IPV4);
        MarkRule.Network all6 = MarkRule.Network.all(IpAddress.Family.IPV6);
        assertThat(read.marks())
                .containsExactly(
                        MarkRule.of(6, VIP, 80, 80, 80),
                        MarkRule.of(6, VIP, 443, 443, 80),
                        MarkRule.of(6, VIP, 8000, 8010, 80),
                        new MarkRule(0, net4, all4, 0, 65535, Optional.of("eth+"), ALL, 81),
                        new MarkRule(0, net6, all6, 0, 65535, Optional.of("eth+"), ALL, 81),
                        new MarkRule(17, VIP, clients, 0, 65535, Optional.empty(), ALL, 82),
                        MarkRule.of(6, VIP, 21, 21, 21));
        assertThat(read.rules().services()).containsEntry("pingpong_slave", "/bin/sh -c");
        assertThat(read.rules().recovery()).isEqualTo(new Recovery(2, Duration.ofMinutes(1), 10));
    }

    @Test
    void whatConcernsLdirectordIsRead() throws IOException {
        Files.writeString(etc.resolve("ca.pem"), "");
        HalvsYml read = good("""
                plane: kernel
                ldirectord:
                  verify_certificates: [192.0.2.10:443, "[2001:db8::1]:443", 3]
                  certificate_authorities: ca.pem
                compatibility:
                  off_calls_fallback: yes
                  stop_returns_at_once: on
                  ftp_active: true
                  changes_by_hand_stay: no
                  user_agent: libwww-perl/6.68
                """);
        assertThat(read.kernelForwards()).isTrue();
        assertThat(read.rules().verified())
                .isEqualTo(new SiteRules.Verified(false, Set.of("192.0.2.10:443", "[2001:db8::1]:443", "3")));
        assertThat(read.rules().kept())
                .containsExactlyInAnyOrder(
                        OldBehaviour.OFF_CALLS_FALLBACK, OldBehaviour.STOP_RETURNS_AT_ONCE, OldBehaviour.FTP_ACTIVE);
        assertThat(read.clients())
                .isEqualTo(new ClientSettings("libwww-perl/6.68", true, Optional.of(etc.resolve("ca.pem"))));
        assertThat(good("ldirectord:\n  verify_certificates: yes\n")
                        .rules()
                        .verified()
                        .all())
                .isTrue();
        assertThat(good("plane: in-process\n").kernelForwards()).isFalse();

        assertThat(problems("""
                plane: kernal
                ldirectord:
                  verify_certificates: maybe
                  certificate_authorities: nowhere.pem
                compatibility:
                  of_calls_fallback: yes
                  ftp_active: 3
                """))
                .containsExactly(
                        "1 plane: \"kernal\" is no plane -- write in-process or kernel",
                        "3 verify_certificates: \"maybe\" is no virtual service -- write yes, no, or addresses with"
                                + " ports as in virtual=: 192.0.2.10:443",
                        "4 certificate_authorities: " + etc.resolve("nowhere.pem")
                                + " can't be read -- name a file of certificates (PEM)",
                        "6 of_calls_fallback: is not known -- did you mean off_calls_fallback?",
                        "7 ftp_active: \"3\" is neither yes nor no");
    }

    @Test
    void anEmptyFileAndNoFileAreTheDefaults() {
        assertThat(good("")).isEqualTo(HalvsYml.DEFAULT);
        assertThat(good("ipvs:\nmarks:\n# - mark: 1\n")).isEqualTo(HalvsYml.DEFAULT);
        assertThat(HalvsYml.read(etc.resolve("nowhere")).value()).contains(HalvsYml.DEFAULT);
        assertThat(HalvsYml.DEFAULT.settings().toString()).isEqualTo("expire_quiescent_template=1");
    }

    @Test
    void everyProblemIsSaidWithItsLine() {
        List<String> problems = problems("""
                ipv:
                  drop_entry: 1
                ipvs:
                  conn_reuse_mod: 1
                  drop_entry: 9
                  drop_packet: 1
                  drop_packet: 2
                connections: many
                marks:
                  - mark: 0
                    destination: 192.0.2.10/33
                    protcol: tcp
                  - destination: 192.0.2.10
                    mark: 5
                    ports: 80
                  - mark: 6
                    protocol: tcp
                    destination: 192.0.2.10
                    source: "2001:db8::/64"
                    ports: 90-80
                marks_from: missing.rules
                services:
                  http: /bin/sh
                  sonda: check
                ldirectord:
                  slowstart: soon
                resources:
                  monitor: 100ms
                  stoplimit: 10
                  arp_count: 0
                connection_sync: maybe
                """);
        assertThat(problems)
                .containsExactly(
                        "1 ipv: is not known -- did you mean ipvs?",
                        "4 conn_reuse_mod: is not known -- did you mean conn_reuse_mode?",
                        "5 drop_entry: can't be \"9\" -- the kernel refuses it too",
                        "7 drop_packet: stands here a second time -- keep one of the two",
                        "8 connections: \"many\" is not a number of 1 to 1000000000",
                        "10 mark: \"0\" is not a number of 1 to 4294967295",
                        "11 destination: \"192.0.2.10/33\" is no address and no network -- write it as 192.0.2.1 or"
                                + " 192.0.2.0/24, IPv6 in quotes: \"2001:db8::/64\"",
                        "12 protcol: is not known -- did you mean protocol?",
                        "13 ports: without a protocol that has ports -- add protocol: tcp (or udp, sctp)",
                        "16 source: 2001:db8::/64 and 192.0.2.10/32 are of different families",
                        "20 ports: \"90-80\" is no port and no range of ports -- write a number of 0 to 65535, a name of"
                                + " /etc/services, 8000-8010, or a list: [80, 443]",
                        "21 marks_from: " + etc.resolve("missing.rules") + " can't be read",
                        "23 http: is a service that is known already -- choose another name",
                        "24 sonda: \"check\" is not a full path -- begin it with /",
                        "26 slowstart: \"soon\" is not a time of 0 to one day -- write 30s or 2m",
                        "28 monitor: \"100ms\" is not a time of 1s to one day -- write 30s or 2m",
                        "29 stoplimit: is not known -- did you mean stop_limit?",
                        "30 arp_count: \"0\" is not a number of 1 to 100",
                        "31 connection_sync: can't be \"maybe\" -- write on or off");
    }

    @Test
    void theInstalledExampleIsGoodAndSoIsWhatItHasCommentedOut() throws IOException {
        Path installed = Path.of("../etc/ha.d").resolve(HalvsYml.FILE);
        assertThat(HalvsYml.readFile(installed)).isEqualTo(Parsed.of(HalvsYml.DEFAULT, List.of()));
        String uncommented = Files.readString(installed).replaceAll("(?m)^#(?=[^ ]|  )", "");
        assertThat(problems(uncommented).stream().map(text -> text.split(" ")[1]))
                .containsExactly("marks_from:", "pingpong_slave:", "command:"); // files this machine does not have
    }

    @Test
    void arbitrationIsRead() throws IOException {
        Parsed<HalvsYml> read = read("""
                witness: {node: carol}
                stop_failure: fence
                fencing:
                  limit: 30
                  ipmi:
                    alice: {host: 192.0.2.201, user: admin, password_file: /etc/ha.d/ipmi}
                """);
        assertThat(read.problems()).isEmpty();
        assertThat(read.value().orElseThrow().arbitration())
                .isEqualTo(new ArbitrationSettings(
                        Optional.of("carol"),
                        Optional.empty(),
                        java.time.Duration.ofSeconds(30),
                        Map.of("alice", new ArbitrationSettings.Ipmi("192.0.2.201", "admin", "/etc/ha.d/ipmi")),
                        "fence"));
        assertThat(
                        problems(
                                "fencing:\n  command: reset\n  ipmi:\n    bob: {host: a, usr: b}\nstop_failure: panic\nwitness: {name: x}\n"))
                .containsExactly(
                        "2 command: \"reset\" is not a full path -- begin it with /",
                        "4 usr: is not known -- did you mean user?",
                        "4 bob: lacks user, password_file",
                        "5 stop_failure: can't be \"panic\" -- write alert, fence, reboot",
                        "6 name: is not known -- known here: node");
    }

    @Test
    void whatIsNoYamlIsSaidWithItsLine() {
        assertThat(problems("ipvs:\n  - a\n b: [\n"))
                .singleElement()
                .satisfies(text -> assertThat(text).contains("is not YAML"));
        assertThat(problems("- a\n- b\n")).singleElement().asString().contains("expected the sections");
        assertThat(problems("marks: !!javax.script.ScriptEngineManager []\n"))
                .singleElement()
                .asString()
                .contains("not allowed");
    }

    @Test
    void linesOfRulesThatCannotBeFollowedAreProblemsOfTheirFile() throws IOException {
        Path rules = etc.resolve("rules");
        Files.writeString(rules, "*mangle\n-A PREROUTING ! -d 192.0.2.10/32 -p tcp -j MARK --set-mark 21\n");
        Parsed<HalvsYml> read = read("marks_from: [rules]\n");
        assertThat(read.value()).isEmpty();
        assertThat(read.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.file()).isEqualTo(rules.toString());
            assertThat(problem.line()).isEqualTo(2);
        });
    }

    private HalvsYml good(String text) {
        Parsed<HalvsYml> read = read(text);
        assertThat(read.problems()).isEmpty();
        return read.value().orElseThrow();
    }

    /** Line, directive, message and remedy of each; nothing takes effect when there is one. */
    private List<String> problems(String text) {
        Parsed<HalvsYml> read = read(text);
        assertThat(read.value().isEmpty()).isEqualTo(!read.problems().isEmpty());
        return read.problems().stream().map(this::brief).toList();
    }

    private String brief(ConfigProblem problem) {
        String message = problem.message().replaceFirst("can't be read: .*", "can't be read");
        return problem.line() + " " + problem.directive() + ": " + message
                + (problem.remedy().isEmpty() ? "" : " -- " + problem.remedy());
    }

    private Parsed<HalvsYml> read(String text) {
        return HalvsYmlReader.read(
                etc.resolve(HalvsYml.FILE), text, new MemoryNameService("http 80/tcp\nhttps 443/tcp\nhttps 443/udp\n"));
    }
}
