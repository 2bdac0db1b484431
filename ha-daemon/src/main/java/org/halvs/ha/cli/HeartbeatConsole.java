package org.halvs.ha.cli;

import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.config.LinuxHostFacts;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.ControlClient;
import org.halvs.ha.control.Request;
import org.halvs.ha.heartbeat.HeartbeatStamp;

/** What heartbeat's programs share: how they were called, how they log, how they ask. */
final class HeartbeatConsole {
    private HeartbeatConsole() {}

    /** The name it was called by, as a shell script's {@code $0}. */
    static String calledAs(String name) {
        String called = System.getenv("HALVS_CALLED_AS");
        return called == null || !called.endsWith(name) ? name : called;
    }

    /** Prints lines on standard error, those for the log with a stamp. */
    static void log(String program, String lines) {
        LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
        String host = new LinuxHostFacts().nodeName().orElse("localhost");
        System.err.print(
                new HeartbeatStamp(now, host, program, ProcessHandle.current().pid()).stamp(lines));
        System.err.flush();
    }

    /** The time as shell scripts put it before a line. */
    static String time() {
        return HeartbeatStamp.time(LocalDateTime.now(ZoneId.systemDefault()));
    }

    /** Asks the daemon; parts of the answer are printed as they come. Empty when none answers. */
    static Optional<Answer> ask(String command, List<String> words) {
        ControlClient client = new ControlClient(new Directories().run());
        try {
            return client.ask(new Request(command, words, ""), part -> {
                System.out.print(part);
                System.out.flush();
            });
        } catch (IOException e) {
            return Optional.of(
                    Answer.failed(1, "halvs: the daemon ended before it answered: " + e.getMessage() + "\n"));
        }
    }

    /** Why nothing is done when no daemon answers. */
    static Answer absent() {
        return Answer.failed(1, "halvs: " + new ControlClient(new Directories().run()).absent() + "\n");
    }

    /** Prints an answer as it is. */
    static int print(Answer answer) {
        System.out.print(answer.output());
        System.out.flush();
        System.err.print(answer.error());
        System.err.flush();
        return answer.exit();
    }
}
