package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthkeysWatchTest {
    private final Semaphore changes = new Semaphore(0);

    @Test
    void aFileWrittenReplacedOrOfAnotherModeIsNoticedAtOnce(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("authkeys");
        Files.writeString(file, "auth 1\n1 sha1 one\n");
        try (AuthkeysWatch _ = new AuthkeysWatch(file, changes::release)) {
            Files.writeString(file, "auth 1\n1 sha1 another\n");
            assertNoticed("written");
            Path other = directory.resolve("authkeys.new");
            Files.writeString(other, "auth 1\n1 sha1 another\n");
            Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            assertNoticed("replaced");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            assertNoticed("mode");
            Files.delete(file);
            Files.writeString(directory.resolve("something"), "else");
            assertThat(changes.tryAcquire(500, TimeUnit.MILLISECONDS))
                    .as("what is gone, and other files")
                    .isFalse();
            Files.writeString(file, "auth 1\n1 sha1 back\n");
            assertNoticed("back");
        }
    }

    @Test
    void aFileWhoseDirectoryCameLaterIsNoticedToo(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("ha.d/authkeys");
        try (AuthkeysWatch _ = new AuthkeysWatch(file, changes::release)) {
            Files.createDirectory(file.getParent());
            Files.writeString(file, "auth 1\n1 sha1 one\n");
            assertNoticed("later");
        }
    }

    @Test
    void theTargetOfALinkIsNoticedToo(@TempDir Path directory) throws Exception {
        Path target = directory.resolve("elsewhere");
        Files.writeString(target, "auth 1\n1 sha1 one\n");
        Path file = Files.createSymbolicLink(
                Files.createDirectory(directory.resolve("ha.d")).resolve("authkeys"), target);
        try (AuthkeysWatch _ = new AuthkeysWatch(file, changes::release)) {
            Files.writeString(target, "auth 1\n1 sha1 another\n");
            assertNoticed("target");
        }
    }

    private void assertNoticed(String what) throws InterruptedException {
        assertThat(changes.tryAcquire(5, TimeUnit.SECONDS)).as(what).isTrue();
        while (changes.tryAcquire(300, TimeUnit.MILLISECONDS)) {
            // written in two pieces
        }
    }
}
