package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames recorded on the two sides of a real director, byte for byte: every forwarding method, IPv4 and IPv6. A script in the resources has
 * after each frame what the kernel sent: frames, {@code > nothing}, or {@code > local} where the kernel's own stack answered or routed.
 */
class WireTest {

    static List<String> cases() throws IOException {
        return text("wire/cases.txt").lines().toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theRecordedFramesLeaveTheDirector(String name) throws IOException {
        ReplayDirector director =
                new ReplayDirector(new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0), new ReplayNetwork());
        List<String> differences = new ArrayList<>();
        List<String> lines = text("wire/" + name + ".script").lines().toList();
        String about = "";
        int i = 0;
        while (i < lines.size()) {
            String line = lines.get(i++);
            List<String> recorded = new ArrayList<>();
            while (i < lines.size() && lines.get(i).startsWith("> ")) {
                recorded.add(blank(lines.get(i++)));
            }
            if (line.startsWith("# ")) {
                about = line;
                continue;
            }
            Outcome outcome = new ScriptRunner(director, new MemoryNameService(""), false).run(name, line);
            assertThat(outcome.stderr()).isEmpty();
            List<String> sent = outcome.stdout().lines().map(WireTest::blank).toList();
            if (!agrees(recorded, sent)) {
                differences.add(about + "\n  recorded:\n" + brief(recorded) + "\n  core:\n" + brief(sent));
            }
        }
        assertThat(String.join("\n", differences)).as(name).isEmpty();
    }

    /** Drops have reasons the recording does not know; beside a frame that was sent they say nothing new. */
    private static boolean agrees(List<String> recorded, List<String> sent) {
        List<String> shown =
                sent.stream().filter(line -> !line.startsWith("> drop")).toList();
        return recorded.equals(List.of("> nothing"))
                ? shown.stream().noneMatch(line -> line.startsWith("> e"))
                : shown.equals(recorded);
    }

    private static String blank(String line) {
        String[] words = line.split(" ");
        return words.length == 3 && words[1].startsWith("e")
                ? "> " + words[1] + " " + FreeFields.blank(words[2])
                : line;
    }

    private static String brief(List<String> lines) {
        List<String> told = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ");
            told.add("    " + line
                    + (words.length == 3 && words[1].startsWith("e")
                            ? "\n      (" + FrameBrief.of(FrameBytes.ofHex(words[2])) + ")"
                            : ""));
        }
        return String.join("\n", told);
    }

    static String text(String resource) throws IOException {
        try (InputStream in = WireTest.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("no resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
