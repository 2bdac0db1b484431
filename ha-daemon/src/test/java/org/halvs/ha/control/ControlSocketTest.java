package org.halvs.ha.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlSocketTest {
    @TempDir
    private Path run = Path.of("");

    @Test
    void carriesRequestAndAnswerUnharmed() throws IOException {
        try (ControlServer _ = new ControlServer(
                run,
                (request, _) -> new Answer(
                        request + "\n\"ü\u0000\n", "e\tr", request.arguments().size()))) {
            Request request = new Request("ipvsadm", List.of("-L", "", "a \"b\"\n"), "in\nput");
            assertThat(new ControlClient(run).ask(request)).contains(new Answer(request + "\n\"ü\u0000\n", "e\tr", 3));
        }
    }

    @Test
    void anAnswerMayComeInParts() throws IOException {
        try (ControlServer _ = new ControlServer(run, (_, progress) -> {
            progress.print("first\n");
            progress.print("second\n");
            return Answer.failed(1, "not third\n");
        })) {
            List<String> parts = new ArrayList<>();
            assertThat(new ControlClient(run).ask(Request.of("standby"), parts::add))
                    .contains(new Answer("", "not third\n", 1));
            assertThat(parts).containsExactly("first\n", "second\n");
            assertThat(new ControlClient(run).ask(Request.of("standby")))
                    .contains(new Answer("first\nsecond\n", "not third\n", 1));
        }
    }

    @Test
    void isForRootOnlyAndGoesWithTheServer() throws IOException {
        Path socket = run.resolve(ControlServer.SOCKET);
        try (ControlServer _ = new ControlServer(run, (_, _) -> Answer.ok(""))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
        }
        assertThat(socket).doesNotExist();
        assertThat(new ControlClient(run).ask(Request.of("status"))).isEmpty();
    }

    @Test
    void answersWhenTheDaemonItselfFails() throws IOException {
        try (ControlServer _ = new ControlServer(run, (_, _) -> {
            throw new IllegalStateException("broken");
        })) {
            assertThat(new ControlClient(run)
                            .ask(Request.of("status"))
                            .orElseThrow()
                            .error())
                    .contains("status failed in the daemon")
                    .contains("broken");
        }
    }

    @Test
    void takesTheSocketOverFromADaemonThatWasKilled() throws IOException {
        Files.createFile(run.resolve(ControlServer.SOCKET));
        try (ControlServer _ = new ControlServer(run, (_, _) -> Answer.ok("here"))) {
            assertThat(new ControlClient(run).ask(Request.of("status"))).contains(Answer.ok("here"));
        }
    }
}
