package org.halvs.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.halvs.dialect.ConfigProblem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What heartbeat 3.0.6 said to broken files, recorded in config-validation.txt, is said here too: for each recorded case, the file that provoked it is read,
 * an exit code of 6 must be an error and each line heartbeat had for the administrator must be part of a message.
 */
class HeartbeatValidationTest {
    private static final String HA_CF = """
            keepalive 1
            deadtime 10
            initdead 20
            ucast eth0 10.0.0.2
            auto_failback on
            node alice bob
            """;
    private static final String KEYS = "auth 1\n1 sha1 geheim\n";
    private static final String RESOURCES = "alice IPaddr2::10.0.0.100/24/eth0\n";
    private static final String MODE = "rw-------";

    /** Lines of heartbeat that tell of its inner life, or sum up what another line said. */
    private static final List<String> NOT_FOR_ADMINISTRATORS = List.of(
            "Configuration error, heartbeat not started",
            "Heartbeat not started: configuration error",
            "Authentication configuration error",
            "LoadPlugin on",
            "Lookup extended",
            "Table size",
            "Get broadcast for interface",
            "Illegal bcast [UDP/IP broadcast]",
            "Illegal ping [ping membership]",
            "Bad uid list",
            "See documentation",
            "See also:",
            "Please convert to",
            "You need either unset",
            "Where uidlist",
            "and gidlist",
            "Configuration validated",
            "*****",
            "An annotated sample",
            "Please copy it",
            "Auth Key [16] not found",
            "kill: ");

    /** @param mode of authkeys, as {@code ls -l} shows it */
    record Case(String name, String haCf, String authkeys, String mode, String haresources) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case haCf(String name, String added) {
        return new Case(name, HA_CF + added + "\n", KEYS, MODE, RESOURCES);
    }

    private static Case haCfWithout(String name, String line, String instead) {
        return new Case(name, HA_CF.replace(line + "\n", instead), KEYS, MODE, RESOURCES);
    }

    private static Case keys(String name, String authkeys) {
        return new Case(name, HA_CF, authkeys, MODE, RESOURCES);
    }

    static Stream<Case> cases() {
        return Stream.of(
                haCf("deadtime<=2*keepalive", "deadtime 2"),
                haCf("initdead<deadtime", "deadtime 20\ninitdead 5"),
                haCf("small initdead", "deadtime 5\ninitdead 6"),
                haCf("unknown directive", "foo bar"),
                haCf("garbage time", "deadtime 5x"),
                haCf("keepalive 0", "keepalive 0"),
                haCfWithout("no node", "auto_failback on\nnode alice bob", ""),
                haCfWithout("no media", "ucast eth0 10.0.0.2\nauto_failback on", ""),
                haCfWithout("self not in node", "auto_failback on\nnode alice bob", "node carol bob\n"),
                new Case("authkeys 640", HA_CF, KEYS, "rw-r-----", RESOURCES),
                new Case("authkeys 622 (write only group)", HA_CF, KEYS, "rw--w--w-", RESOURCES),
                keys("auth after key", "1 sha1 geheim\nauth 1\n"),
                keys("auth not found", "auth 2\n1 sha1 geheim\n"),
                keys("crc with key", "auth 1\n1 crc geheim\n"),
                keys("sha1 no key", "auth 1\n1 sha1\n"),
                keys("unknown method", "auth 1\n1 sha256 geheim\n"),
                keys("num 16", "auth 16\n16 sha1 geheim\n"),
                keys("num 0", "auth 0\n0 sha1 geheim\n"),
                keys("no auth line", "1 sha1 geheim\n"),
                keys("garbage auth", "hello\n"),
                new Case("bad node in haresources", HA_CF, KEYS, MODE, "carol IPaddr2::10.0.0.100/24/eth0\n"),
                haCf("autojoin with haresources", "autojoin any"),
                haCf("auto_failback maybe", "auto_failback maybe"),
                haCf("nice_failback on", "nice_failback on"),
                haCf("no such interface ucast", "ucast eth9 10.0.0.2"),
                haCf("no such interface bcast", "bcast eth9"),
                haCf("bad mcast", "mcast eth0 10.0.0.1 694 1 0"),
                haCf("short mcast", "mcast eth0 239.0.0.1 694 1"),
                haCf("bad ping", "ping 300.1.1.1"),
                haCf("short ping_group", "ping_group lan"),
                haCf("bad respawn user", "respawn nobodyx /bin/true"),
                haCf("relative respawn", "respawn root bin/true"),
                haCf("respawn missing", "respawn root /bin/nonexist"),
                haCf("apiauth without", "apiauth foo"),
                haCf("apiauth bad uid", "apiauth ipfail uid=nouser"),
                haCf("bad stonith", "stonith nosuch /etc/x"),
                haCf("bad facility", "logfacility nofac"),
                haCf("bad hbgen", "hbgenmethod maybe"),
                haCf("rtprio 200", "rtprio 200"),
                haCf("udpport 0", "udpport 0"),
                haCf("baud", "baud 1200"),
                haCf("hopfudge", "hopfudge 300"),
                haCf("two watchdogs", "watchdog /dev/watchdog\nwatchdog /dev/watchdog1"),
                haCfWithout("udp alias", "ucast eth0 10.0.0.2", "udp eth0\n"),
                haCf("fast ok", "keepalive 100ms\ndeadtime 500ms\ninitdead 10"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void saysWhatHeartbeatSaid(Case written) throws IOException {
        List<String> recorded = recorded().getOrDefault(written.name(), List.of());
        assertThat(recorded).as("a recorded case").isNotEmpty();
        List<ConfigProblem> problems = read(written);
        List<String> texts = problems.stream()
                .filter(p -> p.severity() != ConfigProblem.Severity.NOTE)
                .map(ConfigProblem::toString)
                .toList();
        for (String line : recorded) {
            if (line.startsWith("rc=")) {
                boolean refused = !line.equals("rc=0");
                assertThat(problems.stream().anyMatch(ConfigProblem::isError))
                        .as("%s refused: %s", written, problems)
                        .isEqualTo(refused);
            } else if (NOT_FOR_ADMINISTRATORS.stream().noneMatch(line::contains)) {
                String text = message(line);
                assertThat(texts)
                        .as(written.name())
                        .anySatisfy(t -> assertThat(t).contains(text));
            }
        }
        if (!problems.isEmpty()) {
            assertThat(problems).allSatisfy(p -> assertThat(p.toString()).doesNotContain("geheim"));
        }
    }

    private static String message(String line) {
        return line.replaceFirst("^(ERROR|WARN|info|heartbeat): ", "")
                .replaceFirst("^(WARNING|glib): ", "")
                .replaceFirst("Syntax: apiauth client", "apiauth client")
                .replaceFirst("unknown host: (.*): No such file.*", "unknown host: $1")
                .replaceFirst("^One or the other", "one or the other")
                .replaceFirst(
                        "It should be >= deadtime and >= 10 seconds$", "It should be >= deadtime and >= 10 seconds")
                .replaceFirst("^Initial dead time accounts for slow network startup time$", "slow network")
                .replaceFirst("^Auth line \\[hello$", "Auth line [")
                .replaceFirst("^\\] is invalid", "] is invalid");
    }

    private static List<ConfigProblem> read(Case written) {
        HostFacts host = HostFacts.of("alice", List.of("eth0", "eth1"), List.of("root"), List.of("/bin/true"));
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString(written.mode());
        List<ConfigProblem> problems = new ArrayList<>();
        problems.addAll(HaCf.parse("/etc/ha.d//ha.cf", written.haCf(), host).problems());
        problems.addAll(AuthkeysFile.parse("/etc/ha.d//authkeys", written.authkeys(), mode)
                .problems());
        problems.addAll(Haresources.parse("/etc/ha.d//haresources", written.haresources(), List.of("alice", "bob"))
                .problems());
        return problems;
    }

    private static Map<String, List<String>> recorded() throws IOException {
        Map<String, List<String>> cases = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        try (InputStream in = HeartbeatValidationTest.class.getResourceAsStream("config-validation.txt")) {
            for (String line : new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith("=== ")) {
                    lines = new ArrayList<>();
                    cases.put(line.substring(4), lines);
                } else {
                    lines.add(line);
                }
            }
        }
        return cases;
    }
}
