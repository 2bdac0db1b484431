package org.halvs.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Plays every file of {@code scenarios}; with {@code -Dgolden.update=true} writes what came instead of comparing, for a reviewed diff. */
class DirectorScenarioTest {
    private static final Path SCENARIOS = Path.of("src/test/resources/org/halvs/director/scenarios");

    @TestFactory
    Stream<DynamicTest> scenarios() throws IOException {
        try (Stream<Path> files = Files.list(SCENARIOS)) {
            List<Path> sorted = files.sorted().toList();
            assertThat(sorted).isNotEmpty();
            return sorted.stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> play(file)));
        }
    }

    private static void play(Path file) throws IOException {
        List<String> expected = Files.readAllLines(file);
        List<String> actual = new ScenarioPlayer().play(expected);
        if (Boolean.getBoolean("golden.update")) {
            Files.write(file, actual);
        } else {
            assertThat(actual).isEqualTo(expected);
        }
    }
}
