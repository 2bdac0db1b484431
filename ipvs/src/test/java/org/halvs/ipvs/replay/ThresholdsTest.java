package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.ipvs.ServerStats;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Recorded sequences of UDP flows to a service of which one server has thresholds: who gets each flow, and the counts after it. */
class ThresholdsTest {
    private static final Pattern TITLE =
            Pattern.compile("(\\w+) rs1 -x (\\d+) -y (\\d+) \\(w3\\), rs2 unlimited \\(w1\\)");
    private static final Pattern EVENT =
            Pattern.compile("\\[\"(new|expired)\", (\\d+),.*?(?:\"(rs\\d)\", )?\\{(.*)\\}\\]");
    private static final Pattern COUNT = Pattern.compile("\"rs(\\d)\": \\[0, (\\d+)\\]");

    private final ReplayDirector director =
            new ReplayDirector(new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0), new ReplayNetwork());
    private final Set<Integer> flows = new LinkedHashSet<>();

    @TestFactory
    List<DynamicTest> sequences() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String section : WireTest.text("thresholds.txt").split("### ")) {
            if (!section.isEmpty()) {
                List<String> lines = section.lines().toList();
                tests.add(DynamicTest.dynamicTest(
                        lines.getFirst(),
                        () -> assertThat(new ThresholdsTest().play(lines)).isEmpty()));
            }
        }
        return tests;
    }

    private List<String> play(List<String> lines) {
        Matcher title = TITLE.matcher(lines.getFirst());
        assertThat(title.matches()).as(lines.getFirst()).isTrue();
        String limits = " -x " + title.group(2) + " -y " + title.group(3);
        new ScriptRunner(director, new MemoryNameService(""), false).run("setup", Narrative.NETWORK);
        ipvsadm("-A -u 10.0.1.100:2162 -s " + title.group(1));
        ipvsadm("-a -u 10.0.1.100:2162 -r 10.0.2.11:2162 -m -w 3" + limits);
        ipvsadm("-a -u 10.0.1.100:2162 -r 10.0.2.12:2162 -m -w 1");
        List<String> differences = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Matcher event = EVENT.matcher(line);
            assertThat(event.matches()).as(line).isTrue();
            int port = Integer.parseInt(event.group(2));
            String server = event.group(1).equals("new") ? send(port) : expire(port);
            String counts = counts();
            boolean right = event.group(1).equals("new") ? line.contains("\"" + server + "\", {") : server.isEmpty();
            if (!right || !counts.equals(sorted(event.group(4)))) {
                differences.add(line + " but the core: " + server + " " + counts);
            }
        }
        return differences;
    }

    private void ipvsadm(String line) {
        assertThat(new Ipvsadm(new MemoryNameService(""))
                        .run(Arrays.asList(line.split(" ")), "", director)
                        .exitStatus())
                .as(line)
                .isZero();
    }

    private String send(int port) {
        flows.add(port);
        TestFrames.Arrival arrival =
                TestFrames.of("cl 198.18.90.1>10.0.1.100 UDP " + port + ">2162 ttl=64", Optional.empty());
        for (Answer answer : director.frame(arrival.interfaceName(), arrival.bytes(), 0)) {
            if (answer instanceof Answer.Sent sent) {
                int last = sent.bytes().at(33);
                return "rs" + (last - 10);
            }
        }
        return "nobody";
    }

    /** Lets one flow run out while the others are kept alive. */
    private String expire(int port) {
        flows.remove(port);
        List.copyOf(flows).forEach(this::send);
        director.advance(150_000_000_000L);
        List.copyOf(flows).forEach(this::send);
        director.advance(151_000_000_000L); // a UDP flow lives for 300 s
        return "";
    }

    private String counts() {
        List<String> counts = new ArrayList<>();
        for (ServerStats server : director.stats().services().getFirst().servers()) {
            counts.add("rs" + (server.server().address().ipv4() & 255) % 10 + "=" + server.inactive());
        }
        counts.sort(null);
        return String.join(" ", counts);
    }

    private static String sorted(String recorded) {
        List<String> counts = new ArrayList<>();
        Matcher matcher = COUNT.matcher(recorded);
        while (matcher.find()) {
            counts.add("rs" + matcher.group(1) + "=" + matcher.group(2));
        }
        counts.sort(null);
        return String.join(" ", counts);
    }
}
