package org.halvs.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.Lab;
import org.junit.jupiter.api.BeforeEach;

/** What all these tests begin with, and the words they share. */
abstract class LabTest {
    static final Path DISTRIBUTION = Path.of(System.getProperty("halvs.root", ".."), "target", "dist", "halvs")
            .toAbsolutePath()
            .normalize();

    @BeforeEach
    void needsALab() {
        Optional<String> missing = Lab.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
        assumeTrue(
                Files.isExecutable(DISTRIBUTION.resolve("bin/halvs")),
                "skipped: no distribution; mvn verify makes it first");
    }

    /** Fails with both daemons' logs when something does not come true in time. */
    static void eventually(DirectorPair pair, String what, long limitMillis, BooleanSupplier condition) {
        assertThat(Lab.eventually(limitMillis, condition))
                .as(() -> what + "\nlb1:\n" + pair.lb1().log() + "\nlb2:\n"
                        + pair.lb2().log())
                .isTrue();
    }

    static void ownedBy(DirectorPair pair, Director director) {
        eventually(
                pair,
                director.host().name() + " owns it",
                30_000,
                () -> pair.owners().equals(List.of(director)));
    }
}
