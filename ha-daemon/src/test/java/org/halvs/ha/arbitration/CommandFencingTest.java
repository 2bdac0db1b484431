package org.halvs.ha.arbitration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandFencingTest {
    @TempDir
    private Path directory;

    private Path script(String body) throws IOException {
        Path script = directory.resolve("reset");
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private Fencing.Outcome reset(FenceDevice device, Duration limit) throws Exception {
        CompletableFuture<Fencing.Outcome> outcome = new CompletableFuture<>();
        new CommandFencing(List.of(device), limit, directory).reset("bob", outcome::complete);
        return outcome.get(30, TimeUnit.SECONDS);
    }

    @Test
    void theProgramGetsTheNameOfTheNode() throws Exception {
        Path script = script("echo $1 $HALVS_NODE > " + directory.resolve("called"));
        assertThat(reset(FenceDevice.program(script.toString()), Duration.ofSeconds(20)))
                .isEqualTo(new Fencing.Outcome.Done());
        assertThat(directory.resolve("called")).hasContent("bob bob\n");
    }

    @Test
    void whatItSaysIsToldWithoutPasswords() throws Exception {
        Path script = script("echo login with $2 refused; exit 3");
        FenceDevice device = new FenceDevice(
                "stonith ipmilan",
                Set.of(),
                List.of(script.toString(), FenceDevice.NODE, "hunter2"),
                List.of(),
                "",
                List.of(),
                List.of("hunter2"));
        assertThat(reset(device, Duration.ofSeconds(20)))
                .isEqualTo(new Fencing.Outcome.Failed("stonith ipmilan: exit status 3: login with *** refused"));
    }

    @Test
    void aMachineThatIsOffIsAsGoodAsReset() throws Exception {
        Path script = script("[ $1 = status ] && echo 'Chassis Power is off' || exit 1");
        FenceDevice device = new FenceDevice(
                "ipmitool",
                Set.of("bob"),
                List.of(script.toString(), "reset"),
                List.of(script.toString(), "status"),
                "power is off",
                List.of(),
                List.of());
        assertThat(reset(device, Duration.ofSeconds(20))).isEqualTo(new Fencing.Outcome.Done());
    }

    @Test
    void whatDoesNotEndIsKilled() throws Exception {
        Path script = script("sleep 60");
        Fencing.Outcome outcome = reset(FenceDevice.program(script.toString()), Duration.ofSeconds(1));
        assertThat(outcome).isEqualTo(new Fencing.Outcome.Failed(script + ": no end within 1 s, killed"));
    }

    @Test
    void aNodeWithoutADeviceCanNotBeReset() throws Exception {
        FenceDevice other = FenceDevice.ipmi("carol", "192.0.2.9", "admin", "/etc/ha.d/password");
        assertThat(reset(other, Duration.ofSeconds(20)))
                .isEqualTo(new Fencing.Outcome.Failed("no fencing device is configured for bob"));
    }
}
