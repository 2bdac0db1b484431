package org.halvs.piranha;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.halvs.check.CheckSpec;
import org.halvs.director.Quiescence;
import org.halvs.director.Recovery;
import org.halvs.director.ServicePlan;
import org.halvs.director.VirtualPlan;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ldirectord.FixedNameService;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LvsReaderTest {
    private static final long SEED = 539;

    private static final String PAIR = """
            serial_no = 25
            primary = 192.0.2.1
            primary_private = 10.0.0.1
            service = lvs
            backup_active = 1
            backup = 192.0.2.2
            backup_private = 10.0.0.2
            heartbeat = 1
            heartbeat_port = 1050
            keepalive = 6
            deadtime = 0x12
            network = direct
            nat_router = 10.0.0.254 eth1:1
            nat_nmask = 255.255.255.0
            syncd_id = 260
            monitor_links = 1
            active_cmd = "/usr/local/bin/on --now"
            virtual http {
                 active = 1
                 address = 192.0.2.10 eth0:1
                 vip_nmask = 255.255.255.0
                 port = http
                 send = "GET / HTTP/1.0\\r\\n\\r\\n"
                 expect = "HTTP"
                 scheduler = wrr
                 persistent = 60
                 pmask = 255.255.255.0
                 protocol = tcp
                 timeout = 6
                 reentry = 15
                 quiesce_server = 1
                 sorry_server = 127.0.0.1
                 server node1 {
                     address = web2
                     active = 1
                     weight = 100
                 }
                 server node2 {
                     address = 10.0.0.12
                     active = 1
                     port = 8080
                 }
                 server node3 {
                     address = 10.0.0.13
                     active = 0
                 }
            }
            """;

    private static LvsReading read(String text) {
        return new LvsReader(new FixedNameService("127.0.0.2 web2", "http 80/tcp\nftp 21/tcp\n", "director1"))
                .read("lvs.cf", text);
    }

    private static ServicePlan plan(String text) {
        LvsReading reading = read(text);
        assertThat(reading.result().errors()).isEmpty();
        return LvsPlanner.plan("lvs.cf", reading.result().value().orElseThrow())
                .value()
                .orElseThrow();
    }

    @Test
    void readsAPair() {
        LvsConfig.Pulse pulse = read(PAIR).result().value().orElseThrow().pulse();

        assertThat(pulse.primary()).contains(IpAddress.of("192.0.2.1"));
        assertThat(pulse.backupPrivate()).contains(IpAddress.of("10.0.0.2"));
        assertThat(pulse.backupActive()).isTrue();
        assertThat(pulse.heartbeatPort()).isEqualTo(1050);
        assertThat(pulse.keepalive()).isEqualTo(Duration.ofSeconds(6));
        assertThat(pulse.deadtime()).isEqualTo(Duration.ofSeconds(18));
        assertThat(pulse.natRouter().orElseThrow().device()).isEqualTo("eth1:1");
        assertThat(pulse.natRouter().orElseThrow().netmask()).contains(IpAddress.of("255.255.255.0"));
        assertThat(pulse.syncId()).isEqualTo(4);
        assertThat(pulse.hardShutdown()).isTrue();
        assertThat(pulse.activeCommand()).contains("/usr/local/bin/on --now");
    }

    @Test
    void plansWhatTheNanniesWouldDo() {
        VirtualPlan virtual = plan(PAIR).virtuals().getFirst();

        assertThat(virtual.service().key())
                .isEqualTo(new ServiceKey.AddressKey(Protocol.TCP, IpAddress.of("192.0.2.10"), 80));
        assertThat(virtual.service().scheduler()).isEqualTo(SchedulerKind.WRR);
        assertThat(virtual.service().persistence().orElseThrow().netmask()).isEqualTo(0xffffff00);
        assertThat(virtual.quiescence()).isEqualTo(Quiescence.ZERO_WEIGHT);
        assertThat(virtual.checkInterval()).isEqualTo(Duration.ofSeconds(6));
        assertThat(virtual.recovery()).isEqualTo(new Recovery(2, Duration.ofMinutes(2), 3));
        assertThat(virtual.fallback())
                .contains(RealServer.of(IpAddress.of("127.0.0.1"), 80, ForwardingMethod.DIRECT_ROUTE, 1));
        assertThat(virtual.reals())
                .extracting(real -> real.server())
                .containsExactly(
                        RealServer.of(IpAddress.of("127.0.0.2"), 80, ForwardingMethod.DIRECT_ROUTE, 100),
                        RealServer.of(IpAddress.of("10.0.0.12"), 80, ForwardingMethod.DIRECT_ROUTE, 1));
        assertThat(virtual.reals().getLast().target().port()).isEqualTo(8080);
        assertThat(virtual.reals().getFirst().check())
                .isEqualTo(new CheckSpec.SendExpect(
                        false, "GET / HTTP/1.0\r\n\r\n", "HTTP", false, Duration.ofSeconds(6)));
    }

    private static String service(String settings) {
        return "virtual a {\n active = 1\n address = 192.0.2.10 eth0:1\n timeout = 6\n" + settings
                + " server r {\n  address = 10.0.0.1\n  active = 1\n }\n}\n";
    }

    private static CheckSpec check(String settings) {
        return plan(service(settings)).virtuals().getFirst().reals().getFirst().check();
    }

    @Test
    void choosesTheCheckAsTheNannyDoes() {
        Duration six = Duration.ofSeconds(6);
        assertThat(check("")).isEqualTo(new CheckSpec.SendExpect(false, "GET / HTTP/1.0\r\n\r\n", "HTTP", false, six));
        assertThat(check(" port = 25\n")).isEqualTo(new CheckSpec.Connect(six));
        assertThat(check(" port = 53\n protocol = udp\n"))
                .isEqualTo(new CheckSpec.SendExpect(true, "", "", false, six));
        assertThat(check(" send = \"a\\tb\\x\"\n expect = \"^ok|fine\"\n use_regex = 1\n"))
                .isEqualTo(new CheckSpec.SendExpect(false, "a\tb\\x", "^ok|fine", true, six));
        assertThat(check(" send_program = \"/bin/testlink -x %h %p %hx\"\n expect = \"ok\"\n"))
                .isEqualTo(new CheckSpec.ProgramOutput(
                        List.of("/bin/testlink", "-x", "10.0.0.1", "80", "%hx"), "ok", six));
    }

    @Test
    void aServerTakesThePortOfTheLinesBeforeIt() {
        String text = """
                virtual a {
                     active = 1
                     address = 192.0.2.10 eth0
                     port = 81
                     server r {
                         address = 10.0.0.1
                         active = 1
                     }
                     port = 82
                }
                """;
        VirtualPlan virtual = plan(text).virtuals().getFirst();
        assertThat(virtual.reals().getFirst().server().port()).isEqualTo(81);
        assertThat(virtual.service().key().toString()).isEqualTo("TCP 192.0.2.10:82");
    }

    @Test
    void blocksOfOneMarkAreOneService() {
        String text = service(" fwmark = 100\n") + service(" fwmark = 100\n port = 443\n");
        LvsConfig config = read(text).result().value().orElseThrow();
        var planned = LvsPlanner.plan("lvs.cf", config);
        assertThat(planned.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.line()).isEqualTo(11));
        assertThat(planned.value().orElseThrow().virtuals())
                .singleElement()
                .satisfies(virtual -> assertThat(virtual.reals())
                        .extracting(real -> real.server().port())
                        .containsExactly(80, 443));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "serial no = 1~unknown command~serial_no",
                "primary=192.0.2.1~unknown command~blanks",
                "primary =192.0.2.1~equal (=) expected after command~blanks",
                "primary =~missing arguments~primary",
                "primary = 192.0.2.1 eth0~unexpected arguments~primary",
                "primary = nohost~invalid argument~host name",
                "primary = 0.0.0.0~invalid host name or ip address~host name",
                "keepalive = six~integer expected~whole number",
                "keepalive = 6 # seconds~unexpected arguments~line of its own",
                "keepalive = 0539~integer expected~whole number",
                "heartbeat = yes~integer expected~0 or 1",
                "heartbeat = 2~boolean expected~0 or 1",
                "network = nat2~invalid argument~direct, nat, tunnel",
                "nat_router = 10.0.0.1~missing arguments~device",
                "nat_nmask = 24~Bad subnet mask specified~netmask",
                "active_cmd = \"x~quotation mismatch~close the quote",
                "keepalve = 2~unknown command~keepalive",
                "}~unknown command~brace",
                "virtual a~missing arguments~virtual NAME {",
                "virtual a { x~unexpected arguments~virtual NAME {",
                "scheduler = rr~unknown command~virtual block",
                "port = http~unknown command~virtual block"
            })
    void complainsInPiranhasWordsAndOurs(String line, String text, String remedy) {
        LvsReading reading = read("# comment\n" + line + "\n");

        assertThat(reading.first().orElseThrow().ofPulse("lvs.cf"))
                .isEqualTo("pulse: error parsing lvs.cf at line 2: " + text);
        assertThat(reading.result().errors().getFirst().message()).isEqualTo(text);
        assertThat(reading.result().errors().getFirst().remedy()).contains(remedy);
    }

    @Test
    void tellsEveryProblemAndPassesOverBlocksNobodyKnows() {
        LvsReading reading = read("""
                global_defs {
                   mails {
                     a@b
                   }
                }
                virtual a {
                   schedular = rr
                   server r {
                     nmask = 255.255.255.255
                     port = http
                   }
                }
                """);
        assertThat(reading.result().errors())
                .extracting(problem -> problem.line())
                .containsExactly(1, 7, 9, 10);
        assertThat(reading.first().orElseThrow().line()).isEqualTo(1);
    }

    @Test
    void anEmptyFileIsEmpty() {
        assertThat(read("").first().orElseThrow().error()).isEqualTo(LvsError.EMPTY);
    }

    @Test
    void windowsLinesAndMissingBracesAreAccepted() {
        LvsReading reading = read("keepalive = 2\r\nvirtual a {\r\n active = 1\r\n server r {\r\n active = 1");
        assertThat(reading.result().errors()).isEmpty();
        assertThat(reading.file().blocks().getFirst().entries()).hasSize(2);
    }

    @Test
    void printingAndReadingChangesNothing() {
        LvsFile file = read(PAIR).file();
        String text = LvsPrinter.print(file);
        assertThat(LvsPrinter.print(read(text).file())).isEqualTo(text);
        assertThat(plan(text).virtuals())
                .usingRecursiveComparison()
                .ignoringFieldsMatchingRegexes(".*line")
                .isEqualTo(plan(PAIR).virtuals());
    }

    @Test
    void garbageEndsInProblems() {
        Random random = new Random(SEED);
        String letters = "virtual {}=\"'#\t\n server port 0x9 \r\\";
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(200); c > 0; c--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            LvsReading reading = read(text.toString());
            assertThat(reading.first().isPresent())
                    .as(text.toString())
                    .isEqualTo(!reading.result().errors().isEmpty());
            reading.result().value().ifPresent(config -> LvsPlanner.plan("lvs.cf", config));
        }
    }
}
