package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchdogDeviceTest {
    @TempDir
    private Path directory;

    @Test
    void isTickledAndClosedWithTheMagicCharacter() throws IOException {
        Path file = Files.createFile(directory.resolve("watchdog"));
        try (WatchdogDevice watchdog = WatchdogDevice.open(file, 11)) {
            watchdog.tickle();
            watchdog.tickle();
            assertThat(Files.readAllBytes(file)).containsExactly(0, 0);
        }
        assertThat(Files.readAllBytes(file)).containsExactly(0, 0, 'V');
    }

    @Test
    void whatIsNotThereCanNotBeOpened() {
        assertThatThrownBy(() -> WatchdogDevice.open(directory.resolve("none"), 11))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("No such file");
    }

    /** Real ones reset the machine by mistake; softdog's own test is that it takes a timeout and stops at the magic character. */
    @Test
    void softdogTakesItsTimeout() throws IOException {
        Path identity = Path.of("/sys/class/watchdog/watchdog0/identity");
        assumeTrue(
                Files.isReadable(identity) && Files.readString(identity).contains("Software Watchdog"),
                "skipped: the module softdog is not loaded");
        try (WatchdogDevice watchdog = WatchdogDevice.open(Path.of("/dev/watchdog0"), 11)) {
            watchdog.tickle();
            assertThat(Files.readString(Path.of("/sys/class/watchdog/watchdog0/timeout")))
                    .isEqualToIgnoringWhitespace("11");
        }
    }
}
