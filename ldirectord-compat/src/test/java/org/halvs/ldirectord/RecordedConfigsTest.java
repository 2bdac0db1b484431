package org.halvs.ldirectord;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.halvs.dialect.ConfigProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Configurations recorded with the real program: same verdict, same first complaint, same line. */
class RecordedConfigsTest {

    static List<String> bad() {
        return Recordings.names("bad");
    }

    @ParameterizedTest
    @MethodSource("bad")
    void brokenConfigurationGetsTheOriginalWords(String name) {
        LdirectordReading reading = Recordings.read(Recordings.text("bad/" + name + "/config.cf"));

        boolean starts = Recordings.text("bad/" + name + "/exit").startsWith("start 0");
        assertThat(reading.result().value().isPresent()).isEqualTo(starts);
        assertThat(Recordings.printed(reading, "<PID>"))
                .isEqualTo(standardError(Recordings.text("bad/" + name + "/output.txt")));
        assertThat(reading.result().problems()).isNotEmpty();
    }

    /** The recorder ends a text without a line end with one. */
    private static String standardError(String output) {
        String heading = "--- start (stderr)\n";
        int from = output.indexOf(heading);
        return from < 0 ? "" : output.substring(from + heading.length());
    }

    static List<String> good() {
        return Recordings.names("good");
    }

    @ParameterizedTest
    @MethodSource("good")
    void configurationThatRunsIsAccepted(String name) {
        LdirectordReading reading = Recordings.read(Recordings.text("good/" + name));
        assertThat(reading.result().errors()).isEmpty();
        assertThat(reading.result().value()).isPresent();
    }

    static Stream<String> recorded() {
        return Recordings.text("recorded.tsv").lines();
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void oneLinersGetTheOriginalWords(String line) {
        String[] columns = line.split("\t", -1);
        String expected =
                columns[1].translateEscapes().replace("@ ", " reading file " + Recordings.CONFIG + " at line ");

        LdirectordReading reading = Recordings.read(columns[0].translateEscapes());

        assertThat(Recordings.printed(reading, "P")).as(columns[0]).isEqualTo(expected);
    }

    @Test
    void everyProblemIsOneLineWithFileAndLine() {
        for (String name : Recordings.names("bad")) {
            for (ConfigProblem problem : Recordings.read(Recordings.text("bad/" + name + "/config.cf"))
                    .result()
                    .problems()) {
                assertThat(problem.toString()).as(name).doesNotContain("\n").startsWith(Recordings.CONFIG + ":");
            }
        }
    }
}
