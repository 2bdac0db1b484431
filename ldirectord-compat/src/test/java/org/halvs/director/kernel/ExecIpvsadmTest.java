package org.halvs.director.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs real processes: scripts in the place of ipvsadm. */
class ExecIpvsadmTest {
    @TempDir
    private Path directory;

    private Path script(String body) throws IOException {
        Path script = directory.resolve("ipvsadm");
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    @Test
    void passesWordsInputAndStatus() throws IOException {
        ExecIpvsadm ipvsadm = new ExecIpvsadm(script("for w; do echo \"<$w>\"; done; cat; echo no such >&2; exit 7"));

        assertThat(ipvsadm.run(List.of("-a", "[2001:db8::1]:80", "a b", "$HOME"), "line\n"))
                .isEqualTo(
                        new IpvsadmProgram.Exited(7, "<-a>\n<[2001:db8::1]:80>\n<a b>\n<$HOME>\nline\n", "no such\n"));
    }

    @Test
    void killsWhatTakesTooLong() throws IOException {
        ExecIpvsadm ipvsadm = new ExecIpvsadm(script("exec sleep 60"), Duration.ofMillis(200));

        assertThat(ipvsadm.run(List.of("-L"), "")).isInstanceOf(IpvsadmProgram.NotRun.class);
    }

    @Test
    void tellsThatItIsNotThere() {
        ExecIpvsadm ipvsadm = new ExecIpvsadm(directory.resolve("nowhere"));

        assertThat(ipvsadm.run(List.of("-L"), ""))
                .isInstanceOfSatisfying(
                        IpvsadmProgram.NotRun.class,
                        notRun -> assertThat(notRun.reason()).contains("nowhere"));
    }
}
