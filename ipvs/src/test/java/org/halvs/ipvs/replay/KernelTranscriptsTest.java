package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a Linux kernel 6.1 did with scripts; the core does the same. {@code bench/kernel} says how the transcripts are made. */
class KernelTranscriptsTest {
    private static final Path TRANSCRIPTS = Path.of("src/test/resources/org/halvs/ipvs/kernel");

    static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(TRANSCRIPTS)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theCoreAgreesWithTheKernel(String name) throws IOException {
        assertThat(KernelTranscript.differences(Files.readString(TRANSCRIPTS.resolve(name))))
                .isEmpty();
    }
}
