package org.halvs.ha.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncarnationTest {
    @TempDir
    private Path folder;

    @Test
    void growsThoughTheClockWasSetBack() {
        Path file = folder.resolve("state").resolve("generation");
        assertThat(Incarnation.next(file, 1_000)).isEqualTo(1_000);
        assertThat(Incarnation.next(file, 500)).isEqualTo(1_001);
        assertThat(Incarnation.next(file, 5_000)).isEqualTo(5_000);
    }

    @Test
    void aLostFileIsReplacedByTheClock() throws IOException {
        Path file = Files.writeString(folder.resolve("generation"), "");
        assertThat(Incarnation.next(file, 1_000)).isEqualTo(1_000);
    }
}
