package org.halvs.ha.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code halvs check} takes every file below {@code etc/examples}. */
class ExampleFilesTest {
    @Test
    void everyExampleIsAccepted() throws IOException {
        List<String> words = new ArrayList<>(List.of("check"));
        try (Stream<Path> files = Files.walk(Path.of("..", "etc", "examples"))) {
            files.filter(Files::isRegularFile).sorted().map(Path::toString).forEach(words::add);
        }
        assertThat(words).hasSizeGreaterThan(15);
        assertThat(Commands.run(words)).isZero();
    }
}
