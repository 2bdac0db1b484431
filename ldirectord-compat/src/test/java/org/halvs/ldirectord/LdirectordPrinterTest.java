package org.halvs.ldirectord;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.halvs.ldirectord.LdirectordConfig.Item;
import org.halvs.ldirectord.LdirectordConfig.Statement;
import org.halvs.ldirectord.LdirectordConfig.VirtualBlock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Printing and reading again changes nothing. */
class LdirectordPrinterTest {
    private static final long SEED = 20111;

    static List<String> good() {
        return Recordings.names("good");
    }

    @ParameterizedTest
    @MethodSource("good")
    void printedRecordingsPlanTheSame(String name) {
        LdirectordReading first = Recordings.read(Recordings.text("good/" + name));
        LdirectordReading second = Recordings.read(LdirectordPrinter.print(first.config()));

        assertThat(second.config().sameDirectives(first.config())).isTrue();
        assertThat(second.result().value().orElseThrow().services().virtuals())
                .usingRecursiveComparison()
                .ignoringFieldsMatchingRegexes(".*line")
                .isEqualTo(first.result().value().orElseThrow().services().virtuals());
    }

    @Test
    void randomConfigurationsSurvivePrinting() {
        Random random = new Random(SEED);
        for (int i = 0; i < 3000; i++) {
            LdirectordConfig config = config(random);
            String text = LdirectordPrinter.print(config);
            Findings findings = new Findings("x.cf");
            LdirectordConfig read = LdirectordParser.parse(text, findings);
            assertThat(findings.originals().stream().filter(OriginalMessage::error))
                    .as(text)
                    .isEmpty();
            assertThat(withoutLines(read)).as(text).isEqualTo(withoutLines(config));
        }
    }

    @Test
    void randomBytesEndInProblemsAndNothingElse() {
        Random random = new Random(SEED);
        String letters = "virtual6=real\"'#\t\n\r :.->[]0123456789gatemsqip\\(){}*^$,_";
        for (int i = 0; i < 3000; i++) {
            StringBuilder text = new StringBuilder();
            int lines = random.nextInt(12);
            for (int line = 0; line < lines; line++) {
                text.append(random.nextBoolean() ? "    " : random.nextInt(4) == 0 ? "\t" : "");
                text.append(random.nextBoolean() ? word(random) + " = " : "");
                for (int c = random.nextInt(20); c > 0; c--) {
                    text.append(letters.charAt(random.nextInt(letters.length())));
                }
                text.append('\n');
            }
            LdirectordReading reading = Recordings.read(text.toString());
            assertThat(reading.result().value().isEmpty())
                    .as(text.toString())
                    .isEqualTo(!reading.result().errors().isEmpty());
            assertThat(reading.firstError().isPresent())
                    .as(text.toString())
                    .isEqualTo(!reading.result().errors().isEmpty());
        }
    }

    private static String word(Random random) {
        return random.nextInt(4) == 0
                ? "virtual"
                : Directive.values()[random.nextInt(Directive.values().length)].word();
    }

    private static List<String> withoutLines(LdirectordConfig config) {
        List<String> texts = new ArrayList<>();
        for (Item item : config.items()) {
            switch (item) {
                case Statement statement -> texts.add(statement.directive() + "=" + statement.value());
                case VirtualBlock block -> {
                    texts.add((block.ipv6() ? "virtual6=" : "virtual=") + block.address());
                    for (Statement statement : block.statements()) {
                        texts.add("    " + statement.directive() + "=" + statement.value());
                    }
                }
            }
        }
        return texts;
    }

    private static LdirectordConfig config(Random random) {
        List<Item> items = new ArrayList<>();
        int count = random.nextInt(8);
        for (int i = 0; i < count; i++) {
            if (random.nextBoolean()) {
                items.add(statement(random, true, false, false));
            } else {
                boolean ipv6 = random.nextBoolean();
                boolean mark = random.nextInt(3) == 0;
                List<Statement> statements = new ArrayList<>();
                for (int s = random.nextInt(6); s > 0; s--) {
                    statements.add(statement(random, false, ipv6, mark));
                }
                VirtualAddress address = mark
                        ? new VirtualAddress.Mark(Integer.toString(1 + random.nextInt(99)))
                        : new VirtualAddress.HostAndPort(
                                ipv6 ? "[2001:db8::" + random.nextInt(99) + "]" : "192.0.2." + random.nextInt(99),
                                pick(random, "80", "http", "0"));
                items.add(new VirtualBlock(ipv6, Optional.of(address), statements, 0, 0, false));
            }
        }
        return new LdirectordConfig(items);
    }

    private static Statement statement(Random random, boolean global, boolean ipv6, boolean mark) {
        while (true) {
            Directive directive = Directive.values()[random.nextInt(Directive.values().length)];
            boolean family = switch (directive) {
                case REAL -> !ipv6;
                case REAL6 -> ipv6;
                case FALLBACK -> global || !ipv6;
                case FALLBACK6 -> global || ipv6;
                case CONNECTTIMEOUT, TIMEOUT -> false;
                default -> true;
            };
            if (directive.allowed(global) && family) {
                return new Statement(directive, value(directive, random, ipv6, mark), 0);
            }
        }
    }

    private static String value(Directive directive, Random random, boolean ipv6, boolean mark) {
        String number = Integer.toString(1 + random.nextInt(500));
        return switch (directive) {
            case REAL, REAL6 ->
                pick(random, "web2", ipv6 ? "[::1]" : "10.0.0.1->10.0.0.9")
                        + pick(random, "", ":80", ":http")
                        + pick(random, " gate", " masq 5", " ipip 0 \"a b\", \"c\"", " masq 1 l:3 u:9");
            case FALLBACK, FALLBACK6 -> pick(random, "", "web2", ipv6 ? "[::1]:80" : "10.0.0.1:80 masq");
            case CHECKTIMEOUT, NEGOTIATETIMEOUT, CHECKINTERVAL, CHECKCOUNT, FAILURECOUNT, EMAILALERTFREQ, PERSISTENT ->
                number;
            case CHECKPORT, SUCCESSCOUNT, SLOWSTART -> number;
            case QUIESCENT, READDQUIESCENT, CLEANSTOP, AUTORELOAD, FORK, SUPERVISED, OPS -> pick(random, "yes", "no");
            case CHECKTYPE -> pick(random, "connect", "negotiate", "external-perl", "on", number);
            case SERVICE -> pick(random, "http", "http_proxy", "none", "pingpong_slave", "foo-bar");
            case HTTPMETHOD -> pick(random, "GET", "HEAD");
            case SCHEDULER -> pick(random, "rr", "wlc", "bogus");
            case PROTOCOL -> mark ? "fwm" : pick(random, "tcp", "udp");
            case NETMASK -> ipv6 ? Integer.toString(1 + random.nextInt(128)) : "255.255.255." + random.nextInt(256);
            case EMAILALERTSTATUS -> pick(random, "", "all", "starting, stopping", "none");
            case SCHEDFLAGS -> pick(random, "sh-port", "sh-port,sh-fallback");
            case SMTP -> pick(random, "mail.example.test", "_x");
            case CALLBACK, EXECUTE, SERVICENAME, COMMENT, VIRTUALHOST -> pick(random, "", "a b", "x=y");
            case FALLBACKCOMMAND,
                    MONITORFILE,
                    CHECKCOMMAND,
                    EMAILALERT,
                    EMAILALERTFROM,
                    MAINTENANCEDIR,
                    LOGFILE,
                    REQUEST,
                    RECEIVE,
                    LOGIN,
                    PASSWD,
                    DATABASE,
                    SECRET,
                    LOAD -> pick(random, "/a/b", "say \"hi\"x", "x, y");
            case CONNECTTIMEOUT, TIMEOUT -> throw new IllegalStateException("never accepted");
        };
    }

    private static String pick(Random random, String... values) {
        return values[random.nextInt(values.length)];
    }
}
