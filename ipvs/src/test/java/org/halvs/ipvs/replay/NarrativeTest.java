package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Recorded stories of a real director: persistence, deleted and drained servers, states and their timers. */
class NarrativeTest {

    @TestFactory
    List<DynamicTest> persistence() throws IOException {
        return sections("persistence.txt");
    }

    @TestFactory
    List<DynamicTest> lifecycle() throws IOException {
        return sections("lifecycle.txt");
    }

    @TestFactory
    List<DynamicTest> states() throws IOException {
        return sections("states.txt");
    }

    @TestFactory
    List<DynamicTest> special() throws IOException {
        return sections("special.txt");
    }

    /** A section begins with {@code ### title}; one whose title begins with a plus sign goes on where the one before ended. */
    private static List<DynamicTest> sections(String resource) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        String title = "";
        for (String line : (WireTest.text(resource) + "\n### end").lines().toList()) {
            if (line.startsWith("### ") && !line.startsWith("### +")) {
                if (!title.isEmpty()) {
                    List<String> section = List.copyOf(lines);
                    tests.add(DynamicTest.dynamicTest(
                            title, () -> assertThat(Narrative.play(section)).isEmpty()));
                }
                lines.clear();
                title = line.substring(4);
            } else {
                lines.add(line);
            }
        }
        return tests;
    }
}
