package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The synchronisation daemons of the kernel: the same packets make the same datagrams, the same datagrams make the same connections. */
class KernelDaemonsTest {
    /** Ethernet, IPv4 and UDP in hexadecimal. */
    private static final int HEADERS = 2 * 42;

    private static final String NETWORK = """
            interface e0 02:00:00:00:01:01 10.0.1.1/24,10.0.1.100/32,fd01::1/64,fd01::100/128
            interface e1 02:00:00:00:02:01 10.0.2.1/24,fd02::1/64
            """;

    private static String play(String script) {
        ReplayDirector director =
                new ReplayDirector(new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0), new ReplayNetwork());
        var outcome = new ScriptRunner(director, new MemoryNameService(""), false).run("script", script);
        assertThat(outcome.stderr()).isEmpty();
        return outcome.stdout();
    }

    /** The lines of a resource: {@code times N LINE} is a line N times, {@code expect TEXT} goes to {@code expected}. */
    private static String script(String resource, List<String> expected) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : WireTest.text(resource).lines().toList()) {
            String[] words = line.split(" ", 3);
            switch (words[0]) {
                case "expect" -> expected.add(line.substring("expect ".length()));
                case "times" -> lines.addAll(Collections.nCopies(Integer.parseInt(words[1]), words[2]));
                default -> lines.add(line);
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static List<String> datagrams(String output) {
        return output.lines()
                .filter(line -> line.startsWith("> e1 01005e"))
                .map(line -> line.substring("> e1 ".length() + HEADERS))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aMasterTellsWhatTheKernelTells(int version) throws IOException {
        List<String> recorded = new ArrayList<>();
        String output = play(script("/org/halvs/ipvs/golden/sync/master-v" + version + ".txt", recorded));
        assertThat(datagrams(output)).isEqualTo(recorded).isNotEmpty();
    }

    @Test
    void aBackupLearnsWhatTheKernelLearns() throws IOException {
        List<String> recorded = new ArrayList<>();
        String frames = script("/org/halvs/ipvs/golden/sync/backup.txt", recorded);
        String output = play(NETWORK + """
                ipvsadm -A -t 10.0.1.100:2053 -s rr
                ipvsadm -a -t 10.0.1.100:2053 -r 10.0.2.12:2053 -m
                ipvsadm --start-daemon backup --mcast-interface e1 --syncid 7
                """ + frames + "advance 3s\nipvsadm -Lnc\nipvsadm -Ln\n");
        List<String> listed = output.lines()
                .filter(line -> line.matches("\\| (TCP|UDP|IP ) +[0-9]+:.*"))
                .map(line -> line.substring(2))
                .toList();
        assertThat(listed)
                .extracting(KernelDaemonsTest::timeless)
                .containsExactlyInAnyOrderElementsOf(
                        recorded.stream().map(KernelDaemonsTest::timeless).toList());
        assertThat(output).contains("|   -> 10.0.2.12:2053               Masq    1      0          1         ");
    }

    private static String timeless(String line) {
        return line.replaceFirst("[0-9]+:[0-9]+", "").replaceAll(" +", " ").strip();
    }

    /** Also to a group of IPv6. */
    @Test
    void aTemplateThatOutlivedItsTimeIsToldAgainWithAMinute() {
        String output = play(NETWORK + """
                neighbour e1 10.0.2.11 02:00:00:00:02:11
                ipvsadm -A -u 10.0.1.100:53 -s rr -p 20
                ipvsadm -a -u 10.0.1.100:53 -r 10.0.2.11 -m
                ipvsadm --start-daemon master --mcast-interface e1 --mcast-group ff02::81
                frame e0 02000000010102000000010208004500001d0001000040118158c61228010a0001649c4000350009f1ee78
                advance 3s
                advance 20s
                ipvsadm -Lnc
                """);
        assertThat(output).contains("> e1 333300000081").contains("UDP 00:57  NONE        198.18.40.1:0");
    }
}
