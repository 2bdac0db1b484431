package org.halvs.ha.cli;

import java.util.List;
import java.util.Optional;
import org.halvs.ha.control.Answer;
import org.halvs.ha.heartbeat.ClStatus;

/** {@code cl_status}. */
final class ClStatusProgram {
    /** As heartbeat's: a daemon that does not answer must not keep a script waiting. */
    private static final long ALARM_MILLIS = 5000;

    private ClStatusProgram() {}

    static int run(List<String> words) {
        Thread.ofPlatform().name("alarm").daemon().start(ClStatusProgram::alarm);
        Optional<Answer> answer = HeartbeatConsole.ask("cl_status", words);
        ClStatus.Output output = answer.map(a -> new ClStatus.Output(a.output(), a.error(), a.exit()))
                .orElseGet(() -> ClStatus.run(words, Optional.empty()));
        System.out.print(output.out());
        System.out.flush();
        HeartbeatConsole.log("cl_status", output.error());
        return output.exit();
    }

    private static void alarm() {
        try {
            Thread.sleep(ALARM_MILLIS);
        } catch (InterruptedException _) {
            return;
        }
        System.err.println("halvs: the daemon does not answer");
        System.err.flush();
        Runtime.getRuntime().halt(ClStatus.TIMEOUT);
    }
}
